import { fromHex, toHex } from "../base/bytes.ts";
import type { BlobKind } from "../model/names.ts";
import type { Database } from "./database.ts";

const PLACE_TABLES: Record<BlobKind, string> = { blobs: "chunk", pages: "page_place" };

/** What was in blobs that the store has lost. */
export class LostIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Remembers what is in these blobs, before they are forgotten. */
  rememberAll(numbers: readonly number[]): void {
    const wanted = JSON.stringify(numbers);
    this.#database.transaction(() => {
      for (const [kind, table] of Object.entries(PLACE_TABLES)) {
        const sql = `INSERT OR IGNORE INTO lost_chunk (blob, id, kind)
          SELECT blob.id, ${table}.id, blob.kind FROM ${table} JOIN blob ON blob.number = ${table}.blob
          WHERE ${table}.blob IN (SELECT value FROM json_each(?)) AND blob.kind = ?`;
        this.#database.run(sql, wanted, kind);
      }
    });
  }

  /** Remembers some chunks (ids in hex) of the lost `blob`. */
  remember(kind: BlobKind, blob: string, ids: readonly string[]): void {
    this.#database.transaction(() => {
      const add = this.#database.prepare(
        "INSERT OR IGNORE INTO lost_chunk (blob, id, kind) VALUES (?, ?, ?)",
      );
      for (const id of ids) add.run(fromHex(blob), fromHex(id), kind);
    });
  }

  /** The lost blobs. */
  blobs(): { kind: BlobKind; id: string }[] {
    const rows = this.#database.prepare("SELECT DISTINCT blob, kind FROM lost_chunk").all();
    return rows.map((row) => ({ kind: row.kind as BlobKind, id: toHex(row.blob as Uint8Array) }));
  }

  /** Ids of the chunks that were in `blob`. */
  chunks(blob: string): Uint8Array[] {
    const rows = this.#database.prepare("SELECT id FROM lost_chunk WHERE blob = ?").all(fromHex(blob));
    return rows.map((row) => row.id as Uint8Array);
  }

  /** No one needs `blobs` any more. */
  drop(blobs: readonly string[]): void {
    this.#database.transaction(() => {
      const remove = this.#database.prepare("DELETE FROM lost_chunk WHERE blob = ?");
      for (const blob of blobs) remove.run(fromHex(blob));
    });
  }
}
