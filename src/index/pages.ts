import type { StatementSync } from "node:sqlite";
import { fromHex, fromLatin1, toHex, toLatin1, view } from "../base/bytes.ts";
import { type Path, pathOfKey, sortKey } from "../model/path.ts";
import type { Database } from "./database.ts";

/** What a page of the last backup holds, without its entries. */
export interface PageSummary {
  readonly number: number;
  readonly firstPath: Path;
  readonly id: string;
  /** Bytes of the page's text. */
  readonly length: number;
  readonly entries: number;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  /** Numbers of the blobs that it needs. */
  readonly blobs: readonly number[];
}

export interface NewPage extends Omit<PageSummary, "number"> {
  readonly lastPath: Path;
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

/** A page's stamps and its text as a zstd frame. */
export interface PageContents {
  readonly length: number;
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

const SUMMARY = "number, first, id, length, entries, files, directories, bytes, blobs";
const keyOf = (path: Path) => fromLatin1(sortKey(path));

/** The pages of each named snapshot's last backup. */
export class PageIndex {
  readonly #database: Database;
  readonly #at: StatementSync;
  readonly #add: StatementSync;
  readonly #overlapping: StatementSync;
  readonly #frame: StatementSync;
  readonly #summary: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#at = database.prepare("SELECT number, stamps FROM page WHERE snapshot = ? AND first = ?");
    this.#summary = database.prepare(`SELECT ${SUMMARY} FROM page WHERE number = ?`);
    this.#frame = database.prepare("SELECT frame FROM page WHERE number = ?");
    this.#overlapping = database.prepare(
      `SELECT length, stamps, frame FROM page WHERE snapshot = ?1 AND last >= ?3 AND first <= ?2 AND first >= coalesce(
         (SELECT max(first) FROM page WHERE snapshot = ?1 AND first <= ?3), x'') ORDER BY number`,
    );
    this.#add = database.prepare(
      `INSERT INTO page (snapshot, first, last, id, length, entries, files, directories, bytes, blobs, stamps, frame)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
       ON CONFLICT (snapshot, first, id) DO UPDATE SET stamps = ?11, last = ?3 RETURNING number`,
    );
  }

  /** The page that begins with `first` and has exactly these stamps: nothing in it has changed. */
  unchanged(snapshot: string, first: Path, stamps: Uint8Array): PageSummary | undefined {
    for (const row of this.#at.all(snapshot, keyOf(first))) {
      if (view(row.stamps as Uint8Array).equals(stamps)) return this.#summarize(row.number as number);
    }
    return undefined;
  }

  /** Pages that have entries between `first` and `last`, oldest row first. */
  overlapping(snapshot: string, first: Path, last: Path): PageContents[] {
    return this.#overlapping.all(snapshot, keyOf(last), keyOf(first)) as unknown as PageContents[];
  }

  frame(number: number): Uint8Array {
    return (this.#frame.get(number) as { frame: Uint8Array }).frame;
  }

  add(snapshot: string, page: NewPage): PageSummary {
    const row = this.#database.transaction(() =>
      this.#add.get(
        snapshot,
        keyOf(page.firstPath),
        keyOf(page.lastPath),
        fromHex(page.id),
        page.length,
        page.entries,
        page.files,
        page.directories,
        page.bytes,
        packNumbers(page.blobs),
        page.stamps,
        page.frame,
      )
    );
    const { lastPath: _, stamps: __, frame: ___, ...summary } = page;
    return { ...summary, number: (row as { number: number }).number };
  }

  /** Drops the pages of `snapshot` but these: they are now its last backup. */
  keepOnly(snapshot: string, numbers: ReadonlySet<number>): void {
    const rows = this.#database.prepare("SELECT number FROM page WHERE snapshot = ?").all(snapshot);
    const stale = rows.map((row) => row.number as number).filter((number) => !numbers.has(number));
    this.#remove(stale);
  }

  /** Names of the snapshots that have pages. */
  names(): string[] {
    const rows = this.#database.prepare("SELECT DISTINCT snapshot FROM page").all();
    return rows.map((row) => row.snapshot as string);
  }

  /** Drops the pages that need one of these blobs, of every snapshot. */
  forgetBlobs(lost: ReadonlySet<number>): void {
    const rows = this.#database.prepare("SELECT number, blobs FROM page").all();
    const stale = rows.filter((row) => unpackNumbers(row.blobs as Uint8Array).some((blob) => lost.has(blob)));
    this.#remove(stale.map((row) => row.number as number));
  }

  #remove(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    const remove = this.#database.prepare("DELETE FROM page WHERE number = ?");
    this.#database.transaction(() => numbers.forEach((number) => remove.run(number)));
  }

  #summarize(number: number): PageSummary {
    const row = this.#summary.get(number) as Record<string, never>;
    return {
      number,
      firstPath: pathOfKey(toLatin1(row.first)),
      id: toHex(row.id),
      length: row.length,
      entries: row.entries,
      files: row.files,
      directories: row.directories,
      bytes: row.bytes,
      blobs: unpackNumbers(row.blobs),
    };
  }
}

export function packNumbers(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer);
}

/** Inverse of {@link packNumbers}. */
export function unpackNumbers(packed: Uint8Array): number[] {
  return [...new Uint32Array(packed.slice().buffer)];
}
