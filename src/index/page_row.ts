import { fromHex, fromLatin1, toHex, toLatin1 } from "../base/bytes.ts";
import { type Path, pathOfKey, sortKey } from "../model/path.ts";
import type { FinishedBackup, LastBackup, LastPage, NewPage, PageSummary } from "./known_page.ts";
import { expectCheck, rowCheck } from "./row_check.ts";

// Rows of the tables `page` and `last_backup`: packed, checked, and as the values that they stand for.

const utf8 = new TextEncoder();

/** What a row of `page` is checked by. */
interface CheckedColumns {
  /** Keys by which paths are in order. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  readonly id: Uint8Array;
  readonly length: number;
  readonly entries: number;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  readonly blobs: Uint8Array;
  readonly links: Uint8Array;
}

/** A row of `page`, but for stamps and text. */
export interface PageRow extends CheckedColumns {
  readonly number: number;
  readonly fits: number;
}

/** A row of `last_backup`. */
export interface LastBackupRow {
  readonly id: string;
  readonly selection: string;
  readonly pages: Uint8Array;
  readonly unsettled: Uint8Array;
  readonly left_out: Uint8Array;
  readonly fits: number;
}

/** The columns of {@link PageRow}. */
export const PAGE_COLUMNS =
  "number, first, last, id, length, entries, files, directories, bytes, blobs, links, fits";

/** A path as the column of a key. */
export const keyOf = (path: Path): Uint8Array => fromLatin1(sortKey(path));

/** Inverse of {@link keyOf}. */
export const pathOf = (key: Uint8Array): Path => pathOfKey(toLatin1(key));

export function packPage(page: NewPage): Omit<PageRow, "number"> {
  const { length, entries, files, directories, bytes } = page;
  const row = {
    first: keyOf(page.firstPath),
    last: keyOf(page.lastPath),
    id: fromHex(page.id),
    length,
    entries,
    files,
    directories,
    bytes,
    blobs: packNumbers(page.blobs),
    links: packInodes(page.links),
  };
  return { ...row, fits: pageCheck(row) };
}

/** Throws `DamagedIndexError` where the row has a wrong bit. */
export function toSummary(row: PageRow): PageSummary {
  expectCheck(row.fits, pageCheck(row), "a page");
  const { number, length, entries, files, directories, bytes } = row;
  return {
    number,
    firstPath: pathOf(row.first),
    id: toHex(row.id),
    length,
    entries,
    files,
    directories,
    bytes,
    blobs: unpackNumbers(row.blobs),
  };
}

/** Throws as {@link toSummary}. */
export function toLastPage(row: PageRow): LastPage {
  const [firstKey, lastKey] = [toLatin1(row.first), toLatin1(row.last)];
  return { ...toSummary(row), firstKey, lastKey, links: unpackInodes(row.links) };
}

export function packLastBackup(
  id: string,
  { selection, pages, unsettled, leftOut }: FinishedBackup,
): LastBackupRow {
  const packed = { pages: packNumbers(pages), unsettled: packPaths(unsettled), left_out: packPaths(leftOut) };
  return { id, selection, ...packed, fits: lastBackupCheck({ selection, ...packed }) };
}

/** Throws as {@link toSummary}. */
export function unpackLastBackup(row: LastBackupRow): FinishedBackup & Pick<LastBackup, "id"> {
  expectCheck(row.fits, lastBackupCheck(row), "the last backup");
  return {
    id: row.id,
    selection: row.selection,
    pages: unpackNumbers(row.pages),
    unsettled: unpackPaths(row.unsettled),
    leftOut: unpackPaths(row.left_out),
  };
}

function pageCheck(row: CheckedColumns): number {
  const { first, last, id, length, entries, files, directories, bytes, blobs, links } = row;
  return rowCheck([first, last, id, length, entries, files, directories, bytes, blobs, links]);
}

function lastBackupCheck(row: Omit<LastBackupRow, "id" | "fits">): number {
  return rowCheck([utf8.encode(row.selection), row.pages, row.unsettled, row.left_out]);
}

const packInodes = (inodes: readonly bigint[]) => new Uint8Array(BigUint64Array.from(inodes).buffer);
const unpackInodes = (packed: Uint8Array) => [...new BigUint64Array(packed.slice().buffer)];

/** No path has a NUL in it. */
const packPaths = (paths: readonly Path[]) => fromLatin1(paths.join("\0"));
const unpackPaths = (packed: Uint8Array) => packed.length === 0 ? [] : toLatin1(packed).split("\0");

export function packNumbers(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

/** Inverse of {@link packNumbers}. */
export function unpackNumbers(packed: Uint8Array): number[] {
  return [...new Uint32Array(packed.slice().buffer)];
}
