import { fromHex } from "../base/bytes.ts";
import type { Database } from "./database.ts";

/** Until when blobs are locked in the store, as far as this machine has seen to it. */
export class LockIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Remembers that these blobs are locked until `untilMs`. */
  add(ids: readonly string[], untilMs: number): void {
    this.#database.transaction(() => {
      const add = this.#database.prepare("INSERT OR REPLACE INTO blob_lock (id, until) VALUES (?, ?)");
      for (const id of ids) add.run(fromHex(id), untilMs);
    });
  }

  /** Those of `ids` that are not known to be locked until `untilMs`. */
  endingBefore(ids: readonly string[], untilMs: number): string[] {
    const find = this.#database.prepare("SELECT 1 FROM blob_lock WHERE id = ? AND until >= ?");
    return ids.filter((id) => find.get(fromHex(id), untilMs) === undefined);
  }

  /** Forgets locks that ended. */
  forgetBefore(untilMs: number): void {
    this.#database.transaction(() => this.#database.run("DELETE FROM blob_lock WHERE until < ?", untilMs));
  }
}
