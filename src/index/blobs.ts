import type { StatementSync } from "node:sqlite";
import { fromHex, toHex, view } from "../base/bytes.ts";
import type { Place } from "../model/entry.ts";
import type { BlobKind } from "../model/names.ts";
import type { Database } from "./database.ts";

/** Bytes of one chunk in a packed list: id, offset (u32 LE), length (u32 LE). */
export const PACKED_CHUNK_BYTES = 40;

/** A blob on its way to the store, with what is in it. */
export interface Upload {
  readonly id: string;
  readonly kind: BlobKind;
  readonly size: number;
  /** {@link PACKED_CHUNK_BYTES} each. */
  readonly chunks: Uint8Array;
}

interface PlaceRow {
  readonly blob: number;
  readonly offset: number;
  readonly length: number;
}

const PLACE_TABLES: Record<BlobKind, string> = { blobs: "chunk", pages: "page_place" };

/** Which blobs the store holds, and what is in them. */
export class BlobIndex {
  readonly #database: Database;
  readonly #locate: Record<BlobKind, StatementSync>;
  readonly #addPlace: Record<BlobKind, StatementSync>;
  readonly #idOf: StatementSync;
  readonly #numberOf: StatementSync;
  /** Ids by number: a blob is named by many chunks. */
  readonly #ids = new Map<number, string>();

  constructor(database: Database) {
    this.#database = database;
    const both = (sql: (table: string) => string) => ({
      blobs: database.prepare(sql(PLACE_TABLES.blobs)),
      pages: database.prepare(sql(PLACE_TABLES.pages)),
    });
    this.#locate = both((table) => `SELECT blob, offset, length FROM ${table} WHERE id = ?`);
    this.#addPlace = both((table) =>
      `INSERT OR IGNORE INTO ${table} (id, blob, offset, length) VALUES (?, ?, ?, ?)`
    );
    this.#idOf = database.prepare("SELECT id FROM blob WHERE number = ?");
    this.#numberOf = database.prepare("SELECT number FROM blob WHERE id = ?");
  }

  /** Where the store has the chunk (or page) `id`, 32 bytes; `undefined` where it has not. */
  locate(kind: BlobKind, id: Uint8Array): Place | undefined {
    const row = this.#locate[kind].get(id) as PlaceRow | undefined;
    if (row === undefined) return undefined;
    return { blob: this.idOf(row.blob), offset: row.offset, length: row.length, id: toHex(id) };
  }

  idOf(number: number): string {
    let id = this.#ids.get(number);
    if (id === undefined) {
      const row = this.#idOf.get(number) as { id: Uint8Array } | undefined;
      if (row === undefined) throw new Error(`No blob has number ${number}`);
      this.#ids.set(number, id = toHex(row.id));
    }
    return id;
  }

  numberOf(id: string): number {
    const row = this.#numberOf.get(fromHex(id)) as { number: number } | undefined;
    if (row === undefined) throw new Error(`No blob has id ${id}`);
    return row.number;
  }

  /** Remembers that a PUT begins. */
  begin({ id, kind, size, chunks }: Upload): void {
    const sql = "INSERT OR REPLACE INTO upload (id, kind, size, chunks) VALUES (?, ?, ?, ?)";
    this.#database.transaction(() => this.#database.run(sql, fromHex(id), kind, size, chunks));
  }

  /** The store has the blob: its chunks may be referred to from now on. */
  finish({ id, kind, size, chunks }: Upload): void {
    this.#database.transaction(() => {
      const blobId = fromHex(id);
      const add = "INSERT OR IGNORE INTO blob (id, kind, size) VALUES (?, ?, ?)";
      this.#database.run(add, blobId, kind, size);
      const number = this.numberOf(id);
      const addPlace = this.#addPlace[kind];
      const rows = view(chunks);
      for (let at = 0; at < rows.length; at += PACKED_CHUNK_BYTES) {
        const chunkId = rows.subarray(at, at + 32);
        addPlace.run(chunkId, number, rows.readUInt32LE(at + 32), rows.readUInt32LE(at + 36));
      }
      this.#database.run("DELETE FROM upload WHERE id = ?", blobId);
    });
  }

  /** The store does not have it. */
  abandon(id: string): void {
    this.#database.transaction(() => this.#database.run("DELETE FROM upload WHERE id = ?", fromHex(id)));
  }

  /** PUTs that began and of which the end is not known. */
  interrupted(): Upload[] {
    const rows = this.#database.prepare("SELECT id, kind, size, chunks FROM upload").all();
    return rows.map((row) => ({
      id: toHex(row.id as Uint8Array),
      kind: row.kind as BlobKind,
      size: row.size as number,
      chunks: row.chunks as Uint8Array,
    }));
  }

  /** Kind and stored size of the blobs with these numbers. */
  *describe(numbers: Iterable<number>): Generator<{ id: string; kind: BlobKind; size: number }> {
    const get = this.#database.prepare("SELECT id, kind, size FROM blob WHERE number = ?");
    for (const number of numbers) {
      const row = get.get(number) as { id: Uint8Array; kind: BlobKind; size: number };
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

  /** Forgets blobs that the store has lost, and all that was in them. */
  forget(numbers: readonly number[]): void {
    this.#database.transaction(() => {
      for (const table of ["chunk", "page_place"]) {
        const remove = this.#database.prepare(`DELETE FROM ${table} WHERE blob = ?`);
        for (const number of numbers) remove.run(number);
      }
      for (const number of numbers) {
        this.#database.run("DELETE FROM blob WHERE number = ?", number);
        this.#ids.delete(number);
      }
    });
  }
}
