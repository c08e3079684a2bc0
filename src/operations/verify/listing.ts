import {
  blobName,
  METADATA_PREFIX,
  snapshotName,
  snapshotOfManifest,
  snapshotOfSnapshot,
} from "../../model/names.ts";
import type { Manifest } from "../../model/manifest.ts";
import type { Tools } from "../options.ts";

/** Stored sizes, by name, of the objects that some snapshots need. */
export class NeededObjects {
  readonly sizes = new Map<string, number>();
  readonly snapshots: string[] = [];
  /** What is wrong without looking at the objects: by name. */
  readonly faults = new Map<string, string>();
  bytes = 0;

  add(manifest: Manifest): void {
    this.snapshots.push(manifest.id);
    for (const [name, size] of namedObjects(manifest)) {
      const known = this.sizes.get(name);
      if (known === undefined) this.bytes += size;
      else if (known !== size) this.faults.set(name, `has ${known} or ${size} bytes, as the manifests say`);
      this.sizes.set(name, size);
    }
    for (const name of manifest.lost ?? []) {
      this.faults.set(name, "is lost, and not all of it could be repaired");
    }
  }
}

/** Every object that a snapshot needs, with its size. */
export function* namedObjects(manifest: Manifest): Generator<readonly [name: string, size: number]> {
  yield [snapshotName(manifest.id), manifest.snapshot.size];
  for (const [id, size] of manifest.pages) yield [blobName("pages", id), size];
  for (const [id, size] of manifest.blobs) yield [blobName("blobs", id), size];
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
  { store, signal }: Pick<Tools, "store" | "signal">,
  sizes: ReadonlyMap<string, number>,
): Promise<ListingFindings> {
  const faults = new Map<string, string>();
  const missing = new Set(sizes.keys());
  const snapshots = new Set<string>();
  const manifests = new Set<string>();
  for (const prefix of ["blobs/", "pages/", METADATA_PREFIX]) {
    for await (const { name, size } of store.list(prefix, { signal })) {
      const wanted = sizes.get(name);
      if (missing.delete(name) && size !== wanted) faults.set(name, `has ${size} bytes instead of ${wanted}`);
      if (prefix !== METADATA_PREFIX) continue;
      manifests.add(snapshotOfManifest(name) ?? "");
      snapshots.add(snapshotOfSnapshot(name) ?? "");
    }
  }
  for (const name of missing) faults.set(name, "is missing");
  return { faults, withoutManifest: [...snapshots].filter((id) => !manifests.has(id)) };
}
