import { sha256 } from "../base/digest.ts";
import { fromHex } from "../base/bytes.ts";
import type { Index } from "../index/index.ts";
import type { PageSummary } from "../index/known_page.ts";
import { cutLists, type ListRef, type NamedBlob } from "../model/blob_list.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { RecordedChanges, Totals } from "../model/snapshot.ts";

/** A full list of blobs: the store has it, or it is to be stored and remembered as `key`. */
export type FullList =
  | { readonly ref: ListRef }
  | { readonly key: Uint8Array; readonly blobs: readonly NamedBlob[] };

/** What a manifest says of the blobs of a snapshot. */
export interface BlobParts {
  /** In the order in which they were stored. */
  readonly blobs: readonly NamedBlob[];
  readonly lists: readonly FullList[];
  readonly tail: readonly NamedBlob[];
}

/** What a snapshot says of its pages, and a manifest of what they need. */
export interface SnapshotParts extends BlobParts {
  readonly pageLists: readonly PageRef[];
  readonly pages: readonly PageRef[];
  readonly changes?: RecordedChanges;
  readonly totals: Totals;
}

/** Where pages are that are stored, in their order. */
export function locatePages(
  index: Index,
  sequence: readonly Pick<PageSummary, "id" | "firstPath" | "entries">[],
): PageRef[] {
  return sequence.map((page) => ({
    ...index.blobs.locate("pages", fromHex(page.id))!,
    firstPath: page.firstPath,
    entries: page.entries,
  }));
}

/** The blobs that `sequence` needs, and those in which `places` are. */
export function blobParts(
  index: Index,
  sequence: readonly PageSummary[],
  places: readonly PageRef[],
): BlobParts {
  const numbers = new Set<number>();
  for (const page of sequence) for (const number of page.blobs) numbers.add(number);
  for (const id of new Set(places.map(({ blob }) => blob))) numbers.add(index.blobs.numberOf(id));
  const inOrder = [...numbers].sort((a, b) => a - b);
  const blobs = Array.from(
    index.blobs.describe(inOrder),
    ({ kind, id, size }): NamedBlob => [kind, id, size],
  );
  const { lists, tail } = cutLists(blobs);
  return { blobs, tail, lists: lists.map((list) => fullList(index, list)) };
}

function fullList(index: Index, blobs: readonly NamedBlob[]): FullList {
  const key = listKey(blobs);
  const ref = index.lists.find(key);
  return ref === undefined ? { key, blobs } : { ref };
}

/** What the index knows a list by before it is made. */
export function listKey(blobs: readonly NamedBlob[]): Uint8Array {
  return sha256(new TextEncoder().encode(blobs.map(([, id]) => id).join("")));
}

export function totalsOf(sequence: readonly PageSummary[]): Totals {
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
