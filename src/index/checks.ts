import { fromHex, toHex } from "../base/bytes.ts";
import type { BlobKind } from "../model/names.ts";
import type { Database } from "./database.ts";

/** What came of reading a blob whole. */
export interface Check {
  readonly kind: BlobKind;
  readonly id: string;
  readonly timeMs: number;
  /** What was wrong with it. */
  readonly fault?: string;
}

/** Which blobs were checked, and when: of this store, also those of other hosts. */
export class CheckIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Times by blob. */
  times(): Map<string, number> {
    const rows = this.#database.prepare("SELECT id, time_ms FROM checked").all();
    return new Map(rows.map((row) => [toHex(row.id as Uint8Array), row.time_ms as number]));
  }

  /** Blobs that were damaged when they were checked last. */
  damaged(): Check[] {
    const rows = this.#database.prepare("SELECT * FROM checked WHERE fault IS NOT NULL").all();
    return rows.map((row) => ({
      kind: row.kind as BlobKind,
      id: toHex(row.id as Uint8Array),
      timeMs: row.time_ms as number,
      fault: row.fault as string,
    }));
  }

  add(checks: readonly Check[]): void {
    const sql = "INSERT OR REPLACE INTO checked (id, kind, time_ms, fault) VALUES (?, ?, ?, ?)";
    this.#database.transaction(() => {
      const insert = this.#database.prepare(sql);
      for (const { id, kind, timeMs, fault } of checks) insert.run(fromHex(id), kind, timeMs, fault ?? null);
    });
  }

  /** Drops what is known of blobs but these. */
  keepOnly(ids: ReadonlySet<string>): number {
    const stale = [...this.times().keys()].filter((id) => !ids.has(id));
    this.#database.transaction(() => {
      const remove = this.#database.prepare("DELETE FROM checked WHERE id = ?");
      for (const id of stale) remove.run(fromHex(id));
    });
    return stale.length;
  }
}
