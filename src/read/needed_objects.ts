import type { NamedBlob } from "../model/blob_list.ts";
import { nameOf } from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import {
  CONTENT_KINDS,
  listName,
  snapshotName,
  snapshotOfManifest,
  snapshotOfSnapshot,
  SNAPSHOTS_PREFIX,
} from "../model/names.ts";
import { CorruptionError } from "../base/errors.ts";
import type { BlobLists } from "./blob_lists.ts";
import type { HostTools } from "./hosts.ts";

/** Stored sizes, by name, of the objects that some snapshots of a host need. */
export class NeededObjects {
  readonly sizes = new Map<string, number>();
  readonly snapshots: string[] = [];
  /** What is wrong without looking at the objects: by name. */
  readonly faults = new Map<string, string>();
  bytes = 0;
  readonly #lists: BlobLists;
  readonly #added = new Set<string>();

  constructor(lists: BlobLists) {
    this.#lists = lists;
  }

  /** A list that cannot be read is a fault. */
  async add(manifest: Manifest): Promise<void> {
    this.snapshots.push(manifest.id);
    this.#addObject(snapshotName(manifest.id), manifest.snapshot.size);
    for (const list of manifest.lists) {
      const [id, size] = list;
      if (this.#added.has(id)) continue;
      this.#added.add(id);
      this.#addObject(listName(id), size);
      try {
        this.#addBlobs(await this.#lists.read(list));
      } catch (error) {
        if (!(error instanceof CorruptionError)) throw error;
        this.faults.set(listName(id), `is damaged: ${error.message}`);
      }
    }
    this.#addBlobs(manifest.tail);
    for (const name of manifest.lost ?? []) {
      this.faults.set(name, "is lost, and not all of it could be repaired");
    }
  }

  #addBlobs(blobs: readonly NamedBlob[]): void {
    for (const blob of blobs) this.#addObject(nameOf(blob), blob[2]);
  }

  #addObject(name: string, size: number): void {
    const known = this.sizes.get(name);
    if (known === undefined) this.bytes += size;
    else if (known !== size) this.faults.set(name, `has ${known} or ${size} bytes, as the manifests say`);
    this.sizes.set(name, size);
  }
}

/** Names of every object that a snapshot needs. Throws `CorruptionError` at a list that cannot be read. */
export async function* namesNeeded(manifest: Manifest, lists: BlobLists): AsyncGenerator<string> {
  yield snapshotName(manifest.id);
  for (const [id] of manifest.lists) yield listName(id);
  for await (const blobs of lists.of(manifest)) for (const blob of blobs) yield nameOf(blob);
}

/** What a listing tells. */
export interface ListingFindings {
  /** What is wrong with objects that are needed, by name. */
  readonly faults: Map<string, string>;
  /** Snapshots without a manifest: a backup is being made or was cut off just there, or the manifest was lost. */
  readonly withoutManifest: readonly string[];
}

/** One listing a kind, against the objects of which `sizes` gives names and sizes. */
export async function compareListing(
  { store, signal }: Pick<HostTools, "store" | "signal">,
  sizes: ReadonlyMap<string, number>,
): Promise<ListingFindings> {
  const faults = new Map<string, string>();
  const missing = new Set(sizes.keys());
  const snapshots = new Set<string>();
  const manifests = new Set<string>();
  for (const prefix of [...CONTENT_KINDS.map((kind) => `${kind}/`), SNAPSHOTS_PREFIX]) {
    for await (const { name, size } of store.list(prefix, { signal })) {
      const wanted = sizes.get(name);
      if (missing.delete(name) && size !== wanted) faults.set(name, `has ${size} bytes instead of ${wanted}`);
      if (prefix !== SNAPSHOTS_PREFIX) continue;
      manifests.add(snapshotOfManifest(name) ?? "");
      snapshots.add(snapshotOfSnapshot(name) ?? "");
    }
  }
  for (const name of missing) faults.set(name, "is missing");
  return { faults, withoutManifest: [...snapshots].filter((id) => id !== "" && !manifests.has(id)) };
}
