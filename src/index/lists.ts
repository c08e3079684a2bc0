import { fromHex, toHex } from "../base/bytes.ts";
import type { ListRef } from "../model/blob_list.ts";
import type { Database } from "./database.ts";
import { expectCheck, rowCheck } from "./row_check.ts";

interface ListRow {
  readonly id: Uint8Array;
  readonly size: number;
  readonly blobs: number;
  readonly fits: number;
}

/** Lists of blobs that the store has acknowledged. */
export class ListIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The list that names what `key` (32 bytes) stands for. */
  find(key: Uint8Array): ListRef | undefined {
    const row = this.#database.prepare("SELECT id, size, blobs, fits FROM list WHERE key = ?").get(key);
    if (row === undefined) return undefined;
    const { id, size, blobs, fits } = row as unknown as ListRow;
    expectCheck(fits, rowCheck([key, id, size, blobs]), "a list");
    return [toHex(id), size, blobs];
  }

  add(key: Uint8Array, [id, size, blobs]: ListRef): void {
    const sql = "INSERT OR REPLACE INTO list (key, id, size, blobs, fits) VALUES (?, ?, ?, ?, ?)";
    const fits = rowCheck([key, fromHex(id), size, blobs]);
    this.#database.transaction(() => this.#database.run(sql, key, fromHex(id), size, blobs, fits));
  }

  /** Ids and stored sizes of all. */
  all(): { id: string; size: number }[] {
    const rows = this.#database.prepare("SELECT id, size FROM list").all();
    return rows.map((row) => ({ id: toHex(row.id as Uint8Array), size: row.size as number }));
  }

  /** Those of `ids` that are known. */
  known(ids: readonly string[]): string[] {
    const get = this.#database.prepare("SELECT 1 FROM list WHERE id = ?");
    return ids.filter((id) => get.get(fromHex(id)) !== undefined);
  }

  forget(ids: readonly string[]): void {
    this.#database.transaction(() => {
      const remove = this.#database.prepare("DELETE FROM list WHERE id = ?");
      for (const id of ids) remove.run(fromHex(id));
    });
  }
}
