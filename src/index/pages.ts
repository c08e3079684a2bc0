import type { StatementSync } from "node:sqlite";
import { fromHex, fromLatin1, toHex, toLatin1, view } from "../base/bytes.ts";
import { type Path, pathOfKey, sortKey } from "../model/path.ts";
import type { Database } from "./database.ts";
import { expectCheck, rowCheck } from "./row_check.ts";

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
  /** Inodes of the entries that are one of several names of a file. */
  readonly links: readonly bigint[];
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

/** A page's stamps and its text as a zstd frame. */
export interface PageContents {
  readonly number: number;
  readonly firstPath: Path;
  readonly length: number;
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

/** A page of the last backup, with what tells which paths are in its range. */
export interface LastPage extends PageSummary {
  readonly firstKey: string;
  readonly lastKey: string;
  readonly links: readonly bigint[];
}

/** What is kept of the last backup of a snapshot, so that the next one need not look at everything. */
export interface LastBackup {
  /** Tells which entries were wanted. */
  readonly selection: string;
  /** In order. */
  readonly pages: readonly LastPage[];
  /** Entries that may have changed again without a trace. */
  readonly unsettled: readonly Path[];
  /** What could not be looked at or read. */
  readonly leftOut: readonly Path[];
}

/** As {@link LastBackup}, with the numbers of its pages. */
export interface FinishedBackup extends Omit<LastBackup, "pages"> {
  readonly pages: readonly number[];
}

const SUMMARY = "number, first, last, id, length, entries, files, directories, bytes, blobs, links, fits";
const keyOf = (path: Path) => fromLatin1(sortKey(path));

/** The pages of each named snapshot's last backup. */
export class PageIndex {
  readonly #database: Database;
  readonly #at: StatementSync;
  readonly #add: StatementSync;
  readonly #overlapping: StatementSync;
  readonly #contents: StatementSync;
  readonly #frame: StatementSync;
  readonly #summary: StatementSync;
  readonly #stamps: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#at = database.prepare("SELECT number, stamps FROM page WHERE snapshot = ? AND first = ?");
    this.#summary = database.prepare(`SELECT ${SUMMARY} FROM page WHERE number = ?`);
    this.#frame = database.prepare("SELECT frame FROM page WHERE number = ?");
    this.#contents = database.prepare(
      "SELECT number, first, length, stamps, frame FROM page WHERE number = ?",
    );
    this.#stamps = database.prepare("SELECT stamps FROM page WHERE number = ?");
    this.#overlapping = database.prepare(
      `SELECT number FROM page WHERE snapshot = ?1 AND last >= ?3 AND first <= ?2 AND first >= coalesce(
         (SELECT max(first) FROM page WHERE snapshot = ?1 AND first <= ?3), x'') ORDER BY number`,
    );
    this.#add = database.prepare(
      `INSERT INTO page
         (snapshot, first, last, id, length, entries, files, directories, bytes, blobs, links, stamps, frame, fits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
    );
  }

  /** The page that begins with `first` and has exactly these stamps: nothing in it has changed. */
  unchanged(snapshot: string, first: Path, stamps: Uint8Array): PageSummary | undefined {
    for (const row of this.#at.all(snapshot, keyOf(first))) {
      if (view(row.stamps as Uint8Array).equals(stamps)) {
        return toSummary(this.#summary.get(row.number) as Record<string, never>);
      }
    }
    return undefined;
  }

  /**
   * Numbers of the pages that have entries between `first` and `last`, oldest row first. Beside pages of a run that ended early some of the
   * last backup may be missing.
   */
  overlapping(snapshot: string, first: Path, last: Path): number[] {
    const rows = this.#overlapping.all(snapshot, keyOf(last), keyOf(first));
    return rows.map((row) => row.number as number);
  }

  contents(number: number): PageContents {
    const { first, ...contents } = this.#contents.get(number)!;
    return { ...contents, firstPath: pathOfKey(toLatin1(first as Uint8Array)) } as unknown as PageContents;
  }

  frame(number: number): Uint8Array {
    return (this.#frame.get(number) as { frame: Uint8Array }).frame;
  }

  stamps(number: number): Uint8Array {
    return (this.#stamps.get(number) as { stamps: Uint8Array }).stamps;
  }

  add(snapshot: string, page: NewPage): PageSummary {
    const { length, entries, files, directories, bytes } = page;
    const packed = {
      first: keyOf(page.firstPath),
      last: keyOf(page.lastPath),
      id: fromHex(page.id),
      blobs: packNumbers(page.blobs),
      links: packInodes(page.links),
    };
    const { first, last, id, blobs, links } = packed;
    const fits = pageCheck({ ...packed, length, entries, files, directories, bytes });
    const row = this.#database.transaction(() =>
      this.#add.get(
        snapshot,
        first,
        last,
        id,
        length,
        entries,
        files,
        directories,
        bytes,
        blobs,
        links,
        page.stamps,
        page.frame,
        fits,
      )
    );
    const { lastPath: _, links: __, stamps: ___, frame: ____, ...summary } = page;
    return { ...summary, number: (row as { number: number }).number };
  }

  /** From now on `backup` is the last backup of `snapshot`; other pages of it are dropped. */
  finish(snapshot: string, { selection, pages, unsettled, leftOut }: FinishedBackup): void {
    const kept = new Set(pages);
    const rows = this.#database.prepare("SELECT number FROM page WHERE snapshot = ?").all(snapshot);
    const stale = rows.map((row) => row.number as number).filter((number) => !kept.has(number));
    const packed = [packNumbers(pages), packPaths(unsettled), packPaths(leftOut)];
    const fits = rowCheck([utf8.encode(selection), ...packed]);
    this.#database.transaction(() => {
      const sql =
        "INSERT OR REPLACE INTO last_backup (snapshot, selection, pages, unsettled, left_out, fits) VALUES (?, ?, ?, ?, ?, ?)";
      this.#database.run(sql, snapshot, selection, packed[0], packed[1], packed[2], fits);
      this.#remove(stale);
    });
  }

  /** Drops all pages of `snapshot`: its next backup is as a first one. */
  forget(snapshot: string): void {
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM last_backup WHERE snapshot = ?", snapshot);
      this.#database.run("DELETE FROM page WHERE snapshot = ?", snapshot);
    });
  }

  /** `undefined` where there is none, or pages of it are gone. */
  last(snapshot: string): LastBackup | undefined {
    const row = this.#database.prepare(
      "SELECT selection, pages, unsettled, left_out, fits FROM last_backup WHERE snapshot = ?",
    ).get(snapshot) as Record<string, never> | undefined;
    if (row === undefined) return undefined;
    const fits = rowCheck([utf8.encode(row.selection), row.pages, row.unsettled, row.left_out]);
    expectCheck(row.fits, fits, "the last backup");
    const kept = this.#lastPages(snapshot);
    const pages = unpackNumbers(row.pages).map((number) => kept.get(number));
    if (pages.includes(undefined)) return undefined;
    return {
      selection: row.selection,
      pages: pages as LastPage[],
      unsettled: unpackPaths(row.unsettled),
      leftOut: unpackPaths(row.left_out),
    };
  }

  #lastPages(snapshot: string): Map<number, LastPage> {
    const sql = `SELECT ${SUMMARY} FROM page WHERE snapshot = ?`;
    const rows = this.#database.prepare(sql).all(snapshot) as Record<string, never>[];
    return new Map(rows.map((row) => {
      const [firstKey, lastKey] = [toLatin1(row.first), toLatin1(row.last)];
      return [row.number, { ...toSummary(row), firstKey, lastKey, links: unpackInodes(row.links) }];
    }));
  }

  /** Throws `DamagedIndexError` where a row has a wrong bit. */
  checkRows(): void {
    for (const snapshot of this.names()) this.#lastPages(snapshot);
    const rows = this.#database.prepare("SELECT snapshot FROM last_backup").all();
    for (const { snapshot } of rows) this.last(snapshot as string);
  }

  /** Names of the snapshots that have pages. */
  names(): string[] {
    const rows = this.#database.prepare("SELECT DISTINCT snapshot FROM page").all();
    return rows.map((row) => row.snapshot as string);
  }

  /** The pages that need one of these blobs, of every snapshot. */
  *needing(blobs: ReadonlySet<number>): Generator<Pick<PageContents, "length" | "frame">> {
    const rows = this.#database.prepare("SELECT number, length, blobs FROM page").all();
    for (const { number, length, blobs: needed } of rows) {
      if (!unpackNumbers(needed as Uint8Array).some((blob) => blobs.has(blob))) continue;
      yield { length: length as number, frame: this.frame(number as number) };
    }
  }

  /** The pages that are stored in these blobs themselves, of every snapshot. */
  *within(
    blobs: readonly number[],
  ): Generator<Pick<PageSummary, "id" | "length"> & Pick<PageContents, "frame">> {
    const sql = `SELECT page.number, page.id, page.length FROM page JOIN page_place USING (id)
      WHERE page_place.blob IN (SELECT value FROM json_each(?))`;
    for (const { number, id, length } of this.#database.prepare(sql).all(JSON.stringify(blobs))) {
      yield { id: toHex(id as Uint8Array), length: length as number, frame: this.frame(number as number) };
    }
  }

  /** The text of every page, as one zstd frame each. */
  *texts(): Generator<{ id: string; length: number; frame: Uint8Array }> {
    const numbers = this.#database.prepare("SELECT number FROM page").all() as { number: number }[];
    const get = this.#database.prepare("SELECT id, length, frame FROM page WHERE number = ?");
    for (const { number } of numbers) {
      const row = get.get(number) as { id: Uint8Array; length: number; frame: Uint8Array };
      yield { ...row, id: toHex(row.id) };
    }
  }

  /** Drops the pages that need one of these blobs, of every snapshot. */
  forgetBlobs(lost: ReadonlySet<number>): void {
    const rows = this.#database.prepare("SELECT number, blobs FROM page").all();
    const stale = rows.filter((row) => unpackNumbers(row.blobs as Uint8Array).some((blob) => lost.has(blob)));
    this.#database.transaction(() => this.#remove(stale.map((row) => row.number as number)));
  }

  #remove(numbers: readonly number[]): void {
    const remove = this.#database.prepare("DELETE FROM page WHERE number = ?");
    numbers.forEach((number) => remove.run(number));
  }
}

const utf8 = new TextEncoder();

function pageCheck(row: Record<string, Uint8Array | number>): number {
  const { first, last, id, length, entries, files, directories, bytes, blobs, links } = row;
  return rowCheck([first, last, id, length, entries, files, directories, bytes, blobs, links]);
}

function toSummary(row: Record<string, never>): PageSummary {
  expectCheck(row.fits, pageCheck(row), "a page");
  return {
    number: row.number,
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
