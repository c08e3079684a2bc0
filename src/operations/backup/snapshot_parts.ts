import { fromHex } from "../../base/bytes.ts";
import type { Index } from "../../index/index.ts";
import type { PageSummary } from "../../index/pages.ts";
import type { StoredObject } from "../../model/manifest.ts";
import type { PageRef, Totals } from "../../model/snapshot.ts";

/** What a snapshot says of its pages, and a manifest of what they need. */
export interface SnapshotParts {
  readonly pages: readonly PageRef[];
  readonly pageBlobs: readonly StoredObject[];
  readonly blobs: readonly StoredObject[];
  readonly totals: Totals;
}

/** For the pages of a backup in their order, all of them stored. */
export function snapshotParts(index: Index, sequence: readonly PageSummary[]): SnapshotParts {
  const pages = sequence.map((page) => ({
    ...index.blobs.locate("pages", fromHex(page.id))!,
    firstPath: page.firstPath,
    entries: page.entries,
  }));
  const numbers = new Set(sequence.flatMap((page) => page.blobs));
  for (const id of new Set(pages.map((page) => page.blob))) numbers.add(index.blobs.numberOf(id));
  const objects: Record<"blobs" | "pages", StoredObject[]> = { blobs: [], pages: [] };
  for (const { kind, id, size } of index.blobs.describe(numbers)) objects[kind].push([id, size]);
  const byId = (a: StoredObject, b: StoredObject) => (a[0] < b[0] ? -1 : 1);
  return {
    pages,
    blobs: objects.blobs.sort(byId),
    pageBlobs: objects.pages.sort(byId),
    totals: totalsOf(sequence),
  };
}

function totalsOf(sequence: readonly PageSummary[]): Totals {
  const total = (of: (page: PageSummary) => number) => sequence.reduce((sum, page) => sum + of(page), 0);
  const files = total((page) => page.files);
  const directories = total((page) => page.directories);
  return {
    files,
    directories,
    others: total((page) => page.entries) - files - directories,
    bytes: total((page) => page.bytes),
  };
}
