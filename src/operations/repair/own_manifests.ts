import { sha256Hex } from "../../base/digest.ts";
import type { Manifest } from "../../model/manifest.ts";
import { manifestName } from "../../model/names.ts";
import { silent } from "../../report/events.ts";
import { publicKeyOf } from "../../seal/signature.ts";
import type { Tools } from "../options.ts";
import { signedManifest } from "../signed_manifest.ts";
import { trustedManifests } from "../snapshots.ts";

/** The manifests that this host has signed: what its key has not signed, it does not sign now either. */
export class OwnManifests {
  readonly #tools: Tools;
  readonly #signingKey: string;

  constructor(tools: Tools, signingKey: string) {
    this.#tools = tools;
    this.#signingKey = signingKey;
  }

  async *each(): AsyncGenerator<Manifest> {
    const key = publicKeyOf(this.#signingKey);
    for await (const manifest of trustedManifests({ ...this.#tools, report: silent })) {
      if (manifest.hostKey === key) yield manifest;
    }
  }

  /** Writes those anew that `change` gives a new text for; the ids of their snapshots. */
  async replace(change: (manifest: Manifest) => Manifest | undefined): Promise<string[]> {
    const { store, signal } = this.#tools;
    const replaced: string[] = [];
    for await (const manifest of this.each()) {
      const changed = change(manifest);
      if (changed === undefined) continue;
      const bytes = signedManifest(changed, this.#signingKey);
      await store.put(manifestName(manifest.id), bytes, { signal, sha256: sha256Hex(bytes) });
      replaced.push(manifest.id);
    }
    return replaced;
  }
}
