import { equalBytes, release, view } from "../../base/bytes.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import { decompressAll } from "../../blob/zstd.ts";
import { decodeManifest, type Manifest, splitSignature, VOID_MANIFEST } from "../../model/manifest.ts";
import { takeObjects } from "../../model/manifest_objects.ts";
import { verifyBytes } from "../../seal/signature.ts";
import type { ObjectInfo } from "../../store/store.ts";
import type { Tools } from "../options.ts";
import { METADATA_BYTES_MAX } from "../snapshots.ts";
import type { SnapshotObjects } from "./metadata.ts";
import { noIds } from "./prune_plan.ts";

/** Manifests in memory at a time. */
const READ_AHEAD = 4;

/**
 * What all manifests name, whoever has signed them: one that is not trusted here may be a real snapshot. Only ids are kept, 40 bytes each
 * however many manifests name them.
 */
export class NamedObjects {
  readonly ids = noIds();
  /** Names of objects that repairs have given up. */
  readonly lost = new Set<string>();
  snapshots = 0;
  readonly #tools: Tools;
  /** Manifests that were read, as they were then. */
  readonly #read = new Set<string>();
  /** By host and snapshot name: the newest manifest. */
  readonly #newest = new Map<string, Manifest>();

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  /** Reads the manifests that are new. Throws `CorruptionError` at one that cannot be read: what it needs is not known. */
  async read(metadata: readonly SnapshotObjects[]): Promise<void> {
    const manifests = metadata.flatMap(({ manifest }) => manifest === undefined ? [] : [manifest]);
    const fresh = manifests.filter((manifest) => !this.#read.has(versionOf(manifest)));
    const get = (manifest: ObjectInfo) => this.#get(manifest.name);
    let next = 0;
    for await (const stored of readAhead(fresh, READ_AHEAD, get)) {
      const manifest = fresh[next++];
      if (stored !== undefined) this.#take(manifest, stored);
    }
  }

  /** Whether each manifest that was read is still there as it was. */
  isStillSo(metadata: readonly SnapshotObjects[]): boolean {
    const now = new Set(metadata.map(({ manifest }) => manifest === undefined ? "" : versionOf(manifest)));
    return this.#read.isSubsetOf(now);
  }

  /** Hosts whose newest snapshots were made by runs that could not look at `prune/`. */
  get blindHosts(): string[] {
    const blind = [...this.#newest.values()].filter((manifest) => manifest.blind);
    return [...new Set(blind.map(({ hostname }) => hostname))].sort();
  }

  /** `undefined` where it was removed since it was listed, and perhaps voided. */
  async #get(name: string): Promise<Uint8Array | undefined> {
    const { store, signal } = this.#tools;
    try {
      const stored = await store.get(name, { signal });
      return equalBytes(stored, VOID_MANIFEST) ? undefined : stored;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  #take(info: ObjectInfo, stored: Uint8Array): void {
    try {
      const plain = view(decompressAll(stored, METADATA_BYTES_MAX));
      const end = plain.lastIndexOf(',"signature":"');
      const { signature } = splitSignature(`{${plain.toString("utf8", Math.max(0, end))}`);
      const signed = withoutSignature(plain, end);
      const manifest = decodeManifest(takeObjects(signed, this.ids));
      if (!verifyBytes(signed, signature, manifest.hostKey)) {
        throw new CorruptionError("its signature does not fit");
      }
      release(plain);
      this.#note(manifest);
      this.#read.add(versionOf(info));
    } catch (error) {
      throw new CorruptionError(
        `Cannot prune: which objects "${info.name}" needs cannot be told, for ${(error as Error).message}; ` +
          "repair it, or remove that snapshot",
        { cause: error },
      );
    }
  }

  #note(manifest: Manifest): void {
    this.snapshots++;
    for (const name of manifest.lost ?? []) this.lost.add(name);
    const key = `${manifest.hostKey} ${manifest.name}`;
    const newest = this.#newest.get(key);
    if (newest === undefined || newest.finishedAt < manifest.finishedAt) this.#newest.set(key, manifest);
  }
}

/** The text up to `end`, where its signature begins, closed as it was signed; in place. */
function withoutSignature(text: Uint8Array, end: number): Uint8Array {
  if (end >= 0) text[end] = 0x7d;
  return text.subarray(0, end + 1);
}

function versionOf({ name, size, modified }: ObjectInfo): string {
  return `${name} ${size} ${modified.getTime()}`;
}
