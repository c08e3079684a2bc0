import { BlobLists } from "../src/read/blob_lists.ts";
import { readManifest } from "../src/read/snapshots.ts";
import type { SnapshotSet } from "./session.ts";

/** Bytes that each of the last `count` runs of a source set stored: blobs that the snapshot before does not need. */
export async function storedByRuns(
  { tools, snapshots }: SnapshotSet,
  count: number,
): Promise<number[]> {
  const lists = new BlobLists(tools);
  const stored: number[] = [];
  let before: ReadonlySet<string> | undefined;
  const first = Math.max(0, snapshots.length - count - 1);
  for (const { id } of snapshots.slice(first)) {
    const blobs = await lists.all(await readManifest(tools, id));
    const known = before;
    stored.push(
      blobs.reduce(
        (sum, [, blob, size]) => sum + (known?.has(blob) ? 0 : size),
        0,
      ),
    );
    before = new Set(blobs.map(([, blob]) => blob));
  }
  // Of the first one it is not known what was there before it.
  return snapshots.length > count ? stored.slice(1) : stored;
}
