import { toHex } from "../../base/bytes.ts";
import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError } from "../../base/errors.ts";
import { cutLists, type ListRef, type NamedBlob } from "../../model/blob_list.ts";
import { manifestName } from "../../model/names.ts";
import { silent } from "../../report/events.ts";
import { storeList } from "../../write/publish.ts";
import { listKey } from "../../write/snapshot_parts.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import { signedManifest } from "../../read/signed_manifest.ts";
import { readableManifests } from "../../read/snapshots.ts";
import type { FullManifest } from "./healed_manifest.ts";

/** The manifests of this host, which it can sign again. */
export class OwnManifests {
  readonly #tools: HostTools;
  readonly #signingKey: string;
  /** Lists that are stored, by the ids of the blobs that they name. */
  readonly #stored = new Map<string, ListRef>();

  constructor(tools: HostTools, signingKey: string) {
    this.#tools = tools;
    this.#signingKey = signingKey;
  }

  /** Those of which all lists can be read. */
  async *each(): AsyncGenerator<FullManifest> {
    const lists = new BlobLists(this.#tools);
    for await (const manifest of readableManifests({ ...this.#tools, report: silent })) {
      try {
        const blobs = await lists.all(manifest);
        let from = 0;
        for (const list of manifest.lists) this.#stored.set(keyOf(blobs.slice(from, from += list[2])), list);
        yield { manifest, blobs };
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error; // which blobs it names is not known: it stays as it is
      }
    }
  }

  /** Replaces those that `change` gives another one for; the ids of their snapshots. */
  async replace(change: (full: FullManifest) => FullManifest | undefined): Promise<string[]> {
    const { store, signal } = this.#tools;
    const replaced: string[] = [];
    for await (const full of this.each()) {
      const changed = change(full);
      if (changed === undefined) continue;
      const bytes = signedManifest(await this.#withLists(changed), this.#signingKey);
      const { id } = changed.manifest;
      await store.put(manifestName(id), bytes, { signal, sha256: sha256Hex(bytes) });
      replaced.push(id);
    }
    return replaced;
  }

  async #withLists({ manifest, blobs }: FullManifest) {
    const { lists: full, tail } = cutLists(blobs);
    const lists: ListRef[] = [];
    for (const list of full) {
      const stored = this.#stored.get(keyOf(list)) ?? await storeList(this.#tools, list);
      this.#stored.set(keyOf(list), stored);
      lists.push(stored);
    }
    return { ...manifest, lists, tail };
  }
}

function keyOf(blobs: readonly NamedBlob[]): string {
  return toHex(listKey(blobs));
}
