import { BlobIndex } from "./blobs.ts";
import { CheckIndex } from "./checks.ts";
import { Database, isIndexDamage } from "./database.ts";
import { ListIndex } from "./lists.ts";
import { GuardIndex } from "./guards.ts";
import { expectCheck, rowCheck } from "./row_check.ts";
import { LockIndex } from "./locks.ts";
import { LostIndex } from "./lost.ts";
import { MetadataCopies } from "./metadata_copies.ts";
import { packNumbers, unpackNumbers } from "./page_row.ts";
import { PageIndex } from "./pages.ts";
import { fromHex } from "../base/bytes.ts";
import { DamagedIndexError } from "../base/errors.ts";

/** A snapshot that was made through this index. */
export interface KnownSnapshot {
  readonly id: string;
  readonly name: string;
  readonly finishedAt: string;
  readonly manifestSize: number;
}

interface SnapshotRow {
  readonly id: string;
  readonly name: string;
  readonly finished_at: string;
  readonly manifest_size: number;
}

interface ListBlobsRow {
  readonly blobs: Uint8Array;
  readonly live: Uint8Array;
  readonly fits: number;
}

/** What this machine knows of the store; all SQL is in this folder. */
export class Index implements Disposable {
  readonly #database: Database;
  readonly blobs: BlobIndex;
  readonly pages: PageIndex;
  readonly lists: ListIndex;
  readonly locks: LockIndex;
  readonly checks: CheckIndex;
  readonly lost: LostIndex;
  readonly copies: MetadataCopies;
  readonly guards: GuardIndex;

  /** Throws `EnvironmentError` where the file cannot be made, or another process has it. */
  constructor(path: string) {
    this.#database = new Database(path);
    this.blobs = new BlobIndex(this.#database);
    this.pages = new PageIndex(this.#database);
    this.lists = new ListIndex(this.#database);
    this.locks = new LockIndex(this.#database);
    this.checks = new CheckIndex(this.#database);
    this.lost = new LostIndex(this.#database);
    this.copies = new MetadataCopies(this.#database);
    this.guards = new GuardIndex(this.#database);
  }

  /** Why a new index was made, if one was there that could not be used. */
  get replaced(): string | undefined {
    return this.#database.replaced;
  }

  setting(name: string): string | undefined {
    const row = this.#database.prepare("SELECT value FROM setting WHERE name = ?").get(name);
    return row?.value as string | undefined;
  }

  set(name: string, value: string): void {
    const sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)";
    this.#database.transaction(() => this.#database.run(sql, name, value));
  }

  unset(name: string): void {
    this.#database.transaction(() => this.#database.run("DELETE FROM setting WHERE name = ?", name));
  }

  lastSnapshot(): KnownSnapshot | undefined {
    const sql =
      "SELECT id, name, finished_at, manifest_size FROM snapshot ORDER BY finished_at DESC, id DESC LIMIT 1";
    const row = this.#database.prepare(sql).get();
    if (row === undefined) return undefined;
    const { id, name, finished_at, manifest_size } = row as unknown as SnapshotRow;
    return { id, name, finishedAt: finished_at, manifestSize: manifest_size };
  }

  /** Of each name the newest is remembered. */
  addSnapshot({ id, name, finishedAt, manifestSize }: KnownSnapshot): void {
    const sql = "INSERT OR REPLACE INTO snapshot (id, name, finished_at, manifest_size) VALUES (?, ?, ?, ?)";
    const forgetOlder = `DELETE FROM snapshot WHERE name = ?1 AND (finished_at, id) <
      (SELECT finished_at, id FROM snapshot WHERE name = ?1 ORDER BY finished_at DESC, id DESC LIMIT 1)`;
    this.#database.transaction(() => {
      this.#database.run(sql, id, name, finishedAt, manifestSize);
      this.#database.run(forgetOlder, name);
    });
  }

  forgetSnapshots(): void {
    this.#database.transaction(() => this.#database.run("DELETE FROM snapshot"));
  }

  /** The store has lost these blobs: what was in them is stored again by the next backup, and remembered for the snapshots that need it. */
  lose(numbers: readonly number[]): void {
    this.blobs.sortIn();
    this.lost.rememberAll(numbers);
    this.pages.forgetBlobs(new Set(numbers));
    this.blobs.forget(numbers);
  }

  /** Forgets blobs that are not to be used any more, and all that was in them. */
  forgetBlobs(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    this.pages.forgetBlobs(new Set(numbers));
    this.blobs.forget(numbers);
  }

  /** Remembers which blobs the list page `id` needs, and how many plain bytes of each. */
  addListBlobs(id: string, blobs: readonly { readonly number: number; readonly liveBytes: number }[]): void {
    const sql = "INSERT OR REPLACE INTO list_blobs (id, blobs, live, fits) VALUES (?, ?, ?, ?)";
    const numbers = packNumbers(blobs.map(({ number }) => number));
    const live = packNumbers(blobs.map(({ liveBytes }) => liveBytes));
    const fits = rowCheck([fromHex(id), numbers, live]);
    this.#database.transaction(() => this.#database.run(sql, fromHex(id), numbers, live, fits));
  }

  listBlobs(id: string): number[] {
    return this.listUses(id).map(({ number }) => number);
  }

  listUses(id: string): { number: number; liveBytes: number }[] {
    const find = this.#database.prepare("SELECT blobs, live, fits FROM list_blobs WHERE id = ?");
    const row = find.get(fromHex(id));
    if (row === undefined) throw new DamagedIndexError(`The index has no list page ${id}`);
    const { blobs, live, fits } = row as unknown as ListBlobsRow;
    expectCheck(fits, rowCheck([fromHex(id), blobs, live]), "a list page");
    const liveBytes = unpackNumbers(live);
    return unpackNumbers(blobs).map((number, i) => ({ number, liveBytes: liveBytes[i]! }));
  }

  /** Replaces all contents by those of the index at `path`, which no one has open; all or nothing. */
  replaceBy(path: string): void {
    this.#database.replaceBy(path);
  }

  /** What is wrong within the file, a line each; it is a cache, so the cure is to rebuild it. */
  faults(): string[] {
    const faults = this.#database.faults();
    if (faults.length > 0) return faults;
    try {
      this.blobs.checkRows();
      this.pages.checkRows();
      return [];
    } catch (error) {
      if (!isIndexDamage(error)) throw error;
      return [(error as Error).message];
    }
  }

  /** Drops what no page of the index refers to, and snapshots but those in `ids`; gives the space back. */
  compact(ids: ReadonlySet<string>): void {
    const known = this.#database.prepare("SELECT id FROM snapshot").all().map((row) => row.id as string);
    this.#database.transaction(() => {
      this.#database.run("DELETE FROM list_blobs WHERE id NOT IN (SELECT id FROM page_place)");
      const remove = this.#database.prepare("DELETE FROM snapshot WHERE id = ?");
      for (const id of known) if (!ids.has(id)) remove.run(id);
    });
    this.#database.vacuum();
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}
