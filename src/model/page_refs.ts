import * as v from "valibot";
import { atLeast } from "../base/at_least.ts";
import { fromBase64, fromLatin1, toBase64, toLatin1 } from "../base/bytes.ts";
import { CorruptionError, UsageError } from "../base/errors.ts";
import type { Place } from "./entry.ts";
import { checkVersion, isCount, isSha256 } from "./json.ts";
import type { StoredBlob } from "./blob_table.ts";
import { isAfter, type Path, pathOf, textOf } from "./path.ts";
import { cutRuns, type RunLength } from "./runs.ts";

// Where the pages of a snapshot are. Most of that is in lists of its own, which snapshots share as they share pages.

/** A page (or a list of pages) and where it is. */
export interface PageRef extends Place {
  readonly firstPath: Path;
  /** Entries in the page; of a list of pages, how many pages. */
  readonly entries: number;
}

/** As it is written: first path, number of the blob, offset, length, id, entries. */
export type PageRow = readonly [string | readonly [string], number, number, number, string, number];

/** A snapshot with no more pages has them all in itself. */
export const PAGES_INLINE_MAX = 64;
/** Pages in one list at most. */
export const PAGES_PER_LIST_MAX = 64;
/** About 8 pages: a change rewrites the list that it is in, and a snapshot names all of them. */
const LIST_LENGTH: RunLength = { min: 4, zeroBits: 2, max: PAGES_PER_LIST_MAX };

/** `pages` as full lists, in their order, and what is left after the last of them. */
export function cutPageLists(
  pages: readonly PageRef[],
): { readonly lists: readonly (readonly PageRef[])[]; readonly tail: readonly PageRef[] } {
  if (pages.length <= PAGES_INLINE_MAX) return { lists: [], tail: pages };
  const { full, rest } = cutRuns(pages, ({ id }) => id, LIST_LENGTH);
  return { lists: full, tail: rest };
}

/** Rows for `refs`, with the blobs that they number. */
export function toRows(refs: readonly PageRef[]): { blobs: StoredBlob[]; rows: PageRow[] } {
  const blobs: StoredBlob[] = [];
  const numbers = new Map<string, number>();
  const rows = refs.map((ref): PageRow => {
    let number = numbers.get(ref.blob);
    if (number === undefined) {
      number = blobs.push([ref.blob, ref.blobSize]) - 1;
      numbers.set(ref.blob, number);
    }
    const first: PageRow[0] = textOf(ref.firstPath) ?? [toBase64(fromLatin1(ref.firstPath))];
    return [first, number, ref.offset, ref.length, ref.id, ref.entries];
  });
  return { blobs, rows };
}

/** A page that was read before, by its id: snapshots that follow each other have nearly the same. */
export type KnownRef = (id: string) => PageRef | undefined;

/** Schema of some {@link PageRow}, of which {@link fromRows} checks each: a snapshot may have very many. */
export const PageRows = v.custom<readonly unknown[]>(Array.isArray);

function isPageRow(value: unknown): value is PageRow {
  return Array.isArray(value) && value.length === 6 && isFirst(value[0]) && isCount(value[1]) &&
    isCount(value[2]) && isCount(value[3]) && isSha256(value[4]) && isCount(value[5]);
}

function isFirst(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 && v.is(v.pipe(v.string(), v.base64()), value[0]);
  return typeof value === "string";
}

/** Schema of some {@link StoredBlob}. */
export const StoredBlobs = v.custom<readonly StoredBlob[]>((value) =>
  Array.isArray(value) &&
  value.every((blob) => Array.isArray(blob) && blob.length === 2 && isSha256(blob[0]) && isCount(blob[1]))
);

/**
 * Inverse of {@link toRows}; what is `known` and the same comes from there. Throws `CorruptionError`, also where their paths do not ascend or
 * a blob has two numbers.
 */
export function fromRows(
  rows: readonly unknown[],
  blobs: readonly StoredBlob[],
  known?: KnownRef,
): PageRef[] {
  if (new Set(blobs.map(([id]) => id)).size < blobs.length) {
    throw new CorruptionError("a page blob is there twice");
  }
  let last: Path | undefined;
  return rows.map((row) => {
    const ref = (known && sameAsKnown(row, blobs, known)) ?? fromRow(row, blobs);
    const isInOrder = last === undefined || isAfter(ref.firstPath, last);
    if (!isInOrder) throw new CorruptionError("its pages are not in order");
    last = ref.firstPath;
    return ref;
  });
}

function fromRow(row: unknown, blobs: readonly StoredBlob[]): PageRef {
  if (!isPageRow(row)) throw new CorruptionError("a page is malformed");
  const [first, number, offset, length, id, entries] = row;
  const firstPath = typeof first === "string" ? pathOf(first) : toLatin1(fromBase64(first[0]));
  const blob = blobs[number];
  if (blob === undefined) throw new CorruptionError(`there is no page blob number ${number}`);
  return { firstPath, blob: blob[0], blobSize: blob[1], offset, length, id, entries };
}

function sameAsKnown(row: unknown, blobs: readonly StoredBlob[], known: KnownRef): PageRef | undefined {
  if (!Array.isArray(row) || row.length !== 6) return undefined;
  const [ref, blob] = [known(row[4]), blobs[row[1]]];
  if (ref === undefined || blob === undefined) return undefined;
  const isSame = ref.offset === row[2] && ref.length === row[3] && ref.entries === row[5] &&
    ref.blob === blob[0] && ref.blobSize === blob[1] && typeof row[0] === "string" &&
    ref.firstPath === pathOf(row[0]);
  return isSame ? ref : undefined;
}

const LIST_VERSION = 2;
const HeadSchema = v.object({ blobs: StoredBlobs });

/** The text of a list of pages: a head as a page has one, then a row a line. */
export function encodePageRefs(refs: readonly PageRef[]): string {
  const { blobs, rows } = toRows(refs);
  const head = JSON.stringify({ vaultik_page_list: LIST_VERSION, blobs });
  return [head, ...rows.map((row) => JSON.stringify(row)), ""].join("\n");
}

/** Inverse of {@link encodePageRefs}. Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
export function decodePageRefs(text: string): PageRef[] {
  try {
    const [first, ...lines] = atLeast(1, text.split("\n"));
    const head: unknown = JSON.parse(first);
    checkVersion(head, "vaultik_page_list", LIST_VERSION);
    if (lines.pop() !== "" || lines.length > PAGES_PER_LIST_MAX) {
      throw new SyntaxError("it has too many lines");
    }
    const { blobs } = v.parse(HeadSchema, head);
    return fromRows(lines.map((line) => JSON.parse(line)), blobs);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new CorruptionError("Cannot read list of pages: it is malformed", { cause });
  }
}
