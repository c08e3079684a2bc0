import type { SQLInputValue, StatementSync } from "node:sqlite";
import { fromHex, toHex } from "../base/bytes.ts";
import { DamagedIndexError } from "../base/errors.ts";
import type { Place } from "../model/entry.ts";
import type { StoredBlob } from "../model/blob_table.ts";
import type { BlobKind } from "../model/names.ts";
import type { Database } from "./database.ts";
import { expectCheck, placeCheck, rowCheck } from "./row_check.ts";
import { type FoundChunk, UnsortedChunks } from "./unsorted_chunks.ts";

/** A blob on its way to the store, with what is in it. */
export interface Upload {
  readonly id: string;
  readonly kind: BlobKind;
  readonly size: number;
  /** `PACKED_CHUNK_BYTES` each. */
  readonly chunks: Uint8Array;
}

interface UploadRow {
  readonly id: Uint8Array;
  readonly kind: BlobKind;
  readonly size: number;
  readonly chunks: Uint8Array;
  readonly fits: number;
}

interface PlaceRow extends FoundChunk {
  readonly id: Uint8Array;
  readonly fits: number;
}

/** Chunks of stored blobs that wait in memory, and in `upload`, before they are sorted into the table. */
const UNSORTED_CHUNKS_MAX = 32_768;
/** Rows of one INSERT: a statement costs more than a row. */
const ROWS_PER_INSERT = 32;

const PLACE_TABLES: Record<BlobKind, string> = { blobs: "chunk", pages: "page_place" };

/** Which blobs the store holds, and what is in them. */
export class BlobIndex {
  readonly #database: Database;
  readonly #find: Record<BlobKind, StatementSync>;
  readonly #byNumber: StatementSync;
  readonly #numberOf: StatementSync;
  readonly #unsorted = { blobs: new UnsortedChunks(), pages: new UnsortedChunks() };
  /** By number: a blob is named by many chunks. */
  readonly #stored = new Map<number, StoredBlob>();

  constructor(database: Database) {
    this.#database = database;
    const both = (sql: (table: string) => string) => ({
      blobs: database.prepare(sql(PLACE_TABLES.blobs)),
      pages: database.prepare(sql(PLACE_TABLES.pages)),
    });
    this.#find = both((table) => `SELECT blob, offset, length, fits FROM ${table} WHERE id = ?`);
    this.#byNumber = database.prepare("SELECT id, size FROM blob WHERE number = ?");
    this.#numberOf = database.prepare("SELECT number FROM blob WHERE id = ?");
  }

  /** Whether no blob of this kind is known. */
  isEmpty(kind: BlobKind): boolean {
    return this.#database.prepare("SELECT 1 FROM blob WHERE kind = ? LIMIT 1").get(kind) === undefined;
  }

  /** Where the store has the chunk (or page) `id`, 32 bytes; `undefined` where it has not. */
  find(kind: BlobKind, id: Uint8Array): FoundChunk | undefined {
    const unsorted = this.#unsorted[kind].find(id);
    if (unsorted !== undefined) return unsorted;
    const row = this.#find[kind].get(id) as FoundChunk & { fits: number } | undefined;
    if (row !== undefined) {
      expectCheck(row.fits, placeCheck(id, row.blob, row.offset, row.length), "the place of a chunk");
    }
    return row;
  }

  /** As {@link find}, for a reader of the snapshot. */
  locate(kind: BlobKind, id: Uint8Array): Place | undefined {
    const found = this.find(kind, id);
    if (found === undefined) return undefined;
    const [blob, blobSize] = this.storedBlob(found.blob);
    return { blob, blobSize, offset: found.offset, length: found.length, id: toHex(id) };
  }

  /** Id and stored bytes of the blob with this number. */
  storedBlob(number: number): StoredBlob {
    let blob = this.#stored.get(number);
    if (blob === undefined) {
      const row = this.#byNumber.get(number) as { id: Uint8Array; size: number } | undefined;
      if (row === undefined) throw new DamagedIndexError(`The index has no blob with number ${number}`);
      this.#stored.set(number, blob = [toHex(row.id), row.size]);
    }
    return blob;
  }

  numberOf(id: string): number {
    const row = this.#numberOf.get(fromHex(id)) as { number: number } | undefined;
    if (row === undefined) throw new DamagedIndexError(`The index has no blob ${id}`);
    return row.number;
  }

  /** Remembers that a PUT begins. */
  begin({ id, kind, size, chunks }: Upload): void {
    const sql = "INSERT OR REPLACE INTO upload (id, kind, size, chunks, fits) VALUES (?, ?, ?, ?, ?)";
    const fits = uploadCheck(fromHex(id), kind, size, chunks);
    this.#database.transaction(() => this.#database.run(sql, fromHex(id), kind, size, chunks, fits));
  }

  /** The store has the blob: its chunks may be referred to from now on. Its number. */
  finish({ id, kind, size, chunks }: Upload): number {
    const number = this.#database.transaction(() => {
      const add = "INSERT OR IGNORE INTO blob (id, kind, size, fits) VALUES (?, ?, ?, ?)";
      this.#database.run(add, fromHex(id), kind, size, blobCheck(fromHex(id), kind, size));
      const number = this.numberOf(id);
      this.#database.run("UPDATE upload SET blob = ? WHERE id = ?", number, fromHex(id));
      return number;
    });
    this.#unsorted[kind].add(number, chunks);
    if (this.#unsorted.blobs.size + this.#unsorted.pages.size >= UNSORTED_CHUNKS_MAX) this.sortIn();
    return number;
  }

  /** Brings the chunks of all stored blobs into their tables. */
  sortIn(): void {
    this.#database.transaction(() => {
      for (const kind of ["blobs", "pages"] as const) this.#insert(kind, this.#unsorted[kind]);
      this.#database.run("DELETE FROM upload WHERE blob IS NOT NULL");
    });
    this.#unsorted.blobs.clear();
    this.#unsorted.pages.clear();
  }

  #insert(kind: BlobKind, chunks: UnsortedChunks): void {
    const insert = (rows: number) => {
      const values = Array(rows).fill("(?, ?, ?, ?, ?)").join(", ");
      const into = `${PLACE_TABLES[kind]} (id, blob, offset, length, fits)`;
      return this.#database.prepare(`INSERT OR IGNORE INTO ${into} VALUES ${values}`);
    };
    const many = insert(ROWS_PER_INSERT);
    let values: SQLInputValue[] = [];
    for (const { id, blob, offset, length } of chunks.sorted()) {
      values.push(id, blob, offset, length, placeCheck(id, blob, offset, length));
      if (values.length < ROWS_PER_INSERT * 5) continue;
      many.run(...values);
      values = [];
    }
    if (values.length > 0) insert(values.length / 5).run(...values);
  }

  /** The store does not have it. */
  abandon(id: string): void {
    this.#database.transaction(() => this.#database.run("DELETE FROM upload WHERE id = ?", fromHex(id)));
  }

  /** PUTs that began and of which the end is not known. What is known to be stored goes into the tables. */
  interrupted(): Upload[] {
    const stored = this.#database.prepare("SELECT * FROM upload WHERE blob IS NOT NULL");
    for (const row of stored.all()) {
      expectUpload(row);
      this.#unsorted[row.kind as BlobKind].add(row.blob as number, row.chunks as Uint8Array);
    }
    this.sortIn();
    const rows = this.#database.prepare("SELECT * FROM upload").all();
    rows.forEach(expectUpload);
    return rows.map((row) => ({
      id: toHex(row.id as Uint8Array),
      kind: row.kind as BlobKind,
      size: row.size as number,
      chunks: row.chunks as Uint8Array,
    }));
  }

  /** Kind and stored size of the blobs with these numbers. */
  *describe(numbers: Iterable<number>): Generator<{ id: string; kind: BlobKind; size: number }> {
    const get = this.#database.prepare("SELECT id, kind, size, fits FROM blob WHERE number = ?");
    for (const number of numbers) {
      const row = get.get(number) as
        | { id: Uint8Array; kind: BlobKind; size: number; fits: number }
        | undefined;
      if (row === undefined) throw new DamagedIndexError(`The index has no blob with number ${number}`);
      expectCheck(row.fits, blobCheck(row.id, row.kind, row.size), "a blob");
      yield { id: toHex(row.id), kind: row.kind, size: row.size };
    }
  }

  /** Every blob known, with its number. */
  all(): { number: number; id: string; kind: BlobKind; size: number }[] {
    const rows = this.#database.prepare("SELECT number, id, kind, size FROM blob").all();
    return rows.map((row) => ({
      number: row.number as number,
      id: toHex(row.id as Uint8Array),
      kind: row.kind as BlobKind,
      size: row.size as number,
    }));
  }

  /** Stored bytes of every blob of a kind, and plain bytes of the chunks that are known to be in it. Reads all chunks. */
  contents(kind: BlobKind): { number: number; sizeBytes: number; plainBytes: number }[] {
    this.sortIn();
    const table = PLACE_TABLES[kind];
    const rows = this.#database.prepare(
      `SELECT number, size, plain FROM blob
         JOIN (SELECT blob, sum(length) AS plain FROM ${table} GROUP BY blob) ON blob = number`,
    ).all() as { number: number; size: number; plain: number }[];
    return rows.map(({ number, size, plain }) => ({ number, sizeBytes: size, plainBytes: plain }));
  }

  /** Those of `ids` that are known, with their numbers. */
  known(kind: BlobKind, ids: readonly string[]): { number: number; id: string }[] {
    const get = this.#database.prepare("SELECT number FROM blob WHERE id = ? AND kind = ?");
    return ids.flatMap((id) => {
      const row = get.get(fromHex(id), kind) as { number: number } | undefined;
      return row === undefined ? [] : [{ number: row.number, id }];
    });
  }

  /** Throws `DamagedIndexError` where a row has a wrong bit. Reads all of them. */
  checkRows(): void {
    for (const table of Object.values(PLACE_TABLES)) {
      const rows = this.#database.prepare(`SELECT * FROM ${table}`).iterate();
      for (const { id, blob, offset, length, fits } of rows as Iterable<unknown> as Iterable<PlaceRow>) {
        expectCheck(fits, placeCheck(id, blob, offset, length), "the place of a chunk");
      }
    }
    for (const _ of this.describe(this.all().map(({ number }) => number)));
  }

  /** Forgets blobs that the store has lost or that are not to be used any more, and all that was in them. Reads all chunks once. */
  forget(numbers: readonly number[]): void {
    this.sortIn();
    this.#database.transaction(() => {
      const gone = JSON.stringify(numbers);
      for (const [table, column] of [["chunk", "blob"], ["page_place", "blob"], ["blob", "number"]]) {
        const sql = `DELETE FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?))`;
        this.#database.run(sql, gone);
      }
    });
    for (const number of numbers) this.#stored.delete(number);
  }
}

const KINDS: readonly BlobKind[] = ["blobs", "pages"];

function blobCheck(id: Uint8Array, kind: BlobKind, size: number): number {
  return rowCheck([id, KINDS.indexOf(kind), size]);
}

function uploadCheck(id: Uint8Array, kind: BlobKind, size: number, chunks: Uint8Array): number {
  return rowCheck([id, KINDS.indexOf(kind), size, chunks]);
}

function expectUpload(row: Record<string, unknown>): void {
  const { id, kind, size, chunks, fits } = row as unknown as UploadRow;
  expectCheck(fits, uploadCheck(id, kind, size, chunks), "an upload");
}
