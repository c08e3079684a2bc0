import { blobName } from "../model/names.ts";
import { openExisting } from "./check_index.ts";
import { BlobLists } from "../read/blob_lists.ts";
import type { HostTools } from "../read/hosts.ts";
import { eachManifest } from "../read/snapshots.ts";
import { compareListing, NeededObjects } from "../read/needed_objects.ts";

export interface PruneIndexOptions {
  readonly indexPath: string;
  /** Snapshots that are configured: what is known of others is not needed. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
}

export interface PruneIndexSummary {
  readonly indexPath: string;
  readonly dryRun: boolean;
  /** Blobs that the store has not, or not whole. */
  readonly lost: number;
  /** Blobs that no snapshot names. */
  readonly unnamed: number;
  /** Blobs that stay. */
  readonly kept: number;
  /** Snapshots that are not configured any more. */
  readonly names: readonly string[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** Drops what the index no longer needs. Whatever of it is needed after all is read and stored again. */
export async function pruneIndex(tools: HostTools, options: PruneIndexOptions): Promise<PruneIndexSummary> {
  const { indexPath, dryRun } = options;
  using index = openExisting(indexPath);
  const bytesBefore = Deno.statSync(indexPath).size;
  const known = index.blobs.all();
  const { faults } = await compareListing(
    tools,
    new Map(known.map(({ kind, id, size }) => [blobName(kind, id), size])),
  );
  const named = await namedBy(tools);
  const nameOf = ({ kind, id }: typeof known[number]) => blobName(kind, id);
  const lost = known.filter((blob) => faults.has(nameOf(blob)));
  const unnamed = known.filter((blob) => !faults.has(nameOf(blob)) && !named.objects.has(nameOf(blob)));
  const names = index.pages.names().filter((name) => !options.names.includes(name));
  if (!dryRun) {
    const numbers = [...lost, ...unnamed].map(({ number }) => number);
    for (const name of names) index.pages.forget(name);
    index.pages.forgetBlobs(new Set(numbers));
    index.blobs.forget(numbers);
    index.checks.keepOnly(new Set([...named.objects].map((name) => name.slice(name.lastIndexOf("/") + 1))));
    index.lost.drop(
      index.lost.blobs().filter(({ kind, id }) => !named.objects.has(blobName(kind, id))).map(({ id }) => id),
    );
    index.compact(named.snapshots);
  }
  return {
    indexPath,
    dryRun,
    lost: lost.length,
    unnamed: unnamed.length,
    kept: known.length - lost.length - unnamed.length,
    names,
    bytesBefore,
    bytesAfter: Deno.statSync(indexPath).size,
  };
}

/** Everything that some manifest of the host names. */
async function namedBy(tools: HostTools): Promise<{ objects: Set<string>; snapshots: Set<string> }> {
  const needed = new NeededObjects(new BlobLists(tools));
  const snapshots = new Set<string>();
  const lost: string[] = [];
  for await (const found of eachManifest(tools)) {
    snapshots.add(found.id);
    if ("error" in found) continue;
    await needed.add(found.manifest);
    for (const name of found.manifest.lost ?? []) lost.push(name);
  }
  return { objects: new Set([...needed.sizes.keys(), ...lost]), snapshots };
}
