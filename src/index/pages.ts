import { toHex, view } from "../base/bytes.ts";
import type { Path } from "../model/path.ts";
import type { Database, Select } from "./database.ts";
import type {
  FinishedBackup,
  LastBackup,
  LastPage,
  NewPage,
  PageContents,
  PageSummary,
} from "./known_page.ts";
import {
  keyOf,
  type LastBackupRow,
  packLastBackup,
  packPage,
  PAGE_COLUMNS,
  type PageRow,
  pathOf,
  toLastPage,
  toSummary,
  unpackLastBackup,
  unpackNumbers,
} from "./page_row.ts";

interface ContentsRow extends Omit<PageContents, "firstPath"> {
  readonly first: Uint8Array;
}

/** The pages of each named snapshot's last backup. */
export class PageIndex {
  readonly #database: Database;
  readonly #at: Select<{ number: number; stamps: Uint8Array }>;
  readonly #add: Select<{ number: number }>;
  readonly #overlapping: Select<{ number: number }>;
  readonly #contents: Select<ContentsRow>;
  readonly #frame: Select<{ frame: Uint8Array }>;
  readonly #summary: Select<PageRow>;
  readonly #stamps: Select<{ stamps: Uint8Array }>;

  constructor(database: Database) {
    this.#database = database;
    this.#at = database.select("SELECT number, stamps FROM page WHERE snapshot = ? AND first = ?");
    this.#summary = database.select(`SELECT ${PAGE_COLUMNS} FROM page WHERE number = ?`);
    this.#frame = database.select("SELECT frame FROM page WHERE number = ?");
    this.#contents = database.select(
      "SELECT number, first, length, stamps, frame FROM page WHERE number = ?",
    );
    this.#stamps = database.select("SELECT stamps FROM page WHERE number = ?");
    this.#overlapping = database.select(
      `SELECT number FROM page WHERE snapshot = ?1 AND last >= ?3 AND first <= ?2 AND first >= coalesce(
         (SELECT max(first) FROM page WHERE snapshot = ?1 AND first <= ?3), x'') ORDER BY number`,
    );
    this.#add = database.select(
      `INSERT INTO page
         (snapshot, first, last, id, length, entries, files, directories, bytes, blobs, links, stamps, frame, fits)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
    );
  }

  /** The page that begins with `first` and has exactly these stamps: nothing in it has changed. */
  unchanged(snapshot: string, first: Path, stamps: Uint8Array): PageSummary | undefined {
    for (const row of this.#at.all(snapshot, keyOf(first))) {
      if (view(row.stamps).equals(stamps)) return toSummary(this.#summary.one(row.number));
    }
    return undefined;
  }

  /**
   * Numbers of the pages that have entries between `first` and `last`, oldest row first. Beside pages of a run that ended early some of the
   * last backup may be missing.
   */
  overlapping(snapshot: string, first: Path, last: Path): number[] {
    const rows = this.#overlapping.all(snapshot, keyOf(last), keyOf(first));
    return rows.map((row) => row.number);
  }

  contents(number: number): PageContents {
    const { first, ...contents } = this.#contents.one(number);
    return { ...contents, firstPath: pathOf(first) };
  }

  frame(number: number): Uint8Array {
    return this.#frame.one(number).frame;
  }

  stamps(number: number): Uint8Array {
    return this.#stamps.one(number).stamps;
  }

  add(snapshot: string, page: NewPage): PageSummary {
    const row = packPage(page);
    const { number } = this.#database.transaction(() =>
      this.#add.one(
        snapshot,
        row.first,
        row.last,
        row.id,
        row.length,
        row.entries,
        row.files,
        row.directories,
        row.bytes,
        row.blobs,
        row.links,
        page.stamps,
        page.frame,
        row.fits,
      )
    );
    const { lastPath: _, links: __, stamps: ___, frame: ____, ...summary } = page;
    return { ...summary, number };
  }

  /** From now on `backup`, which the store has as `id`, is the last backup of `snapshot`; other pages of it are dropped. */
  finish(snapshot: string, id: string, backup: FinishedBackup): void {
    const kept = new Set(backup.pages);
    const rows = this.#database.select<{ number: number }>("SELECT number FROM page WHERE snapshot = ?")
      .all(snapshot);
    const stale = rows.map(({ number }) => number).filter((number) => !kept.has(number));
    const { selection, pages, unsettled, left_out, fits } = packLastBackup(id, backup);
    this.#database.transaction(() => {
      const sql =
        "INSERT OR REPLACE INTO last_backup (snapshot, id, selection, pages, unsettled, left_out, fits) VALUES (?, ?, ?, ?, ?, ?, ?)";
      this.#database.run(sql, snapshot, id, selection, pages, unsettled, left_out, fits);
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
    const row = this.#database.select<LastBackupRow>(
      "SELECT id, selection, pages, unsettled, left_out, fits FROM last_backup WHERE snapshot = ?",
    ).get(snapshot);
    if (row === undefined) return undefined;
    const { pages: numbers, ...backup } = unpackLastBackup(row);
    const kept = this.#lastPages(snapshot);
    const pages = numbers.map((number) => kept.get(number)).filter((page) => page !== undefined);
    return pages.length < numbers.length ? undefined : { ...backup, pages };
  }

  #lastPages(snapshot: string): Map<number, LastPage> {
    const sql = `SELECT ${PAGE_COLUMNS} FROM page WHERE snapshot = ?`;
    const rows = this.#database.select<PageRow>(sql).all(snapshot);
    return new Map(rows.map((row) => [row.number, toLastPage(row)]));
  }

  /** Throws `DamagedIndexError` where a row has a wrong bit. */
  checkRows(): void {
    for (const snapshot of this.names()) this.#lastPages(snapshot);
    const rows = this.#database.select<{ snapshot: string }>("SELECT snapshot FROM last_backup").all();
    for (const { snapshot } of rows) this.last(snapshot);
  }

  /** Names of the snapshots that have pages. */
  names(): string[] {
    const rows = this.#database.select<{ snapshot: string }>("SELECT DISTINCT snapshot FROM page").all();
    return rows.map(({ snapshot }) => snapshot);
  }

  /** The pages that need one of these blobs, of every snapshot. */
  *needing(blobs: ReadonlySet<number>): Generator<Pick<PageContents, "length" | "frame">> {
    const select = this.#database.select<{ number: number; length: number; blobs: Uint8Array }>(
      "SELECT number, length, blobs FROM page",
    );
    for (const { number, length, blobs: needed } of select.all()) {
      if (!unpackNumbers(needed).some((blob) => blobs.has(blob))) continue;
      yield { length, frame: this.frame(number) };
    }
  }

  /** The pages that are stored in these blobs themselves, of every snapshot. */
  *within(
    blobs: readonly number[],
  ): Generator<Pick<PageSummary, "id" | "length"> & Pick<PageContents, "frame">> {
    const sql = `SELECT page.number, page.id, page.length FROM page JOIN page_place USING (id)
      WHERE page_place.blob IN (SELECT value FROM json_each(?))`;
    const select = this.#database.select<{ number: number; id: Uint8Array; length: number }>(sql);
    for (const { number, id, length } of select.all(JSON.stringify(blobs))) {
      yield { id: toHex(id), length, frame: this.frame(number) };
    }
  }

  /** The text of every page, as one zstd frame each. */
  *texts(): Generator<{ id: string; length: number; frame: Uint8Array }> {
    const numbers = this.#database.select<{ number: number }>("SELECT number FROM page").all();
    const select = this.#database.select<{ id: Uint8Array; length: number; frame: Uint8Array }>(
      "SELECT id, length, frame FROM page WHERE number = ?",
    );
    for (const { number } of numbers) {
      const { id, length, frame } = select.one(number);
      yield { id: toHex(id), length, frame };
    }
  }

  /** Drops the pages that need one of these blobs, of every snapshot, and what is known of the last backups that have such pages. */
  forgetBlobs(lost: ReadonlySet<number>): void {
    const rows = this.#database.select<{ number: number; blobs: Uint8Array }>(
      "SELECT number, blobs FROM page",
    ).all();
    const stale = rows.filter(({ blobs }) => unpackNumbers(blobs).some((blob) => lost.has(blob)))
      .map(({ number }) => number);
    this.#database.transaction(() => {
      this.#forgetBackupsWith(new Set(stale));
      this.#remove(stale);
    });
  }

  /** SQLite uses the numbers of removed pages again: such a backup would seem to have a page that another run has made. */
  #forgetBackupsWith(gone: ReadonlySet<number>): void {
    const rows = this.#database.select<{ snapshot: string; pages: Uint8Array }>(
      "SELECT snapshot, pages FROM last_backup",
    ).all();
    for (const { snapshot, pages } of rows) {
      if (!unpackNumbers(pages).some((number) => gone.has(number))) continue;
      this.#database.run("DELETE FROM last_backup WHERE snapshot = ?", snapshot);
    }
  }

  #remove(numbers: readonly number[]): void {
    const remove = this.#database.prepare("DELETE FROM page WHERE number = ?");
    numbers.forEach((number) => remove.run(number));
  }
}
