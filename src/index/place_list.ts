import { DatabaseSync, type StatementSync } from "node:sqlite";
import { fromHex, toHex } from "../base/bytes.ts";
import type { Place } from "../model/entry.ts";
import { packChunks } from "./packed_chunks.ts";

// A file that SQLite makes where temporary files go, and removes: only what the cache holds is in memory.
const PRAGMAS = "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -16384;";
const TABLE = `CREATE TABLE place (
  blob INTEGER, offset INTEGER, id BLOB, length INTEGER, PRIMARY KEY (blob, offset, id, length)
) WITHOUT ROWID, STRICT`;

/** Collects places of chunks, each once, and gives them blob by blob; for more of them than memory holds. */
export class PlaceList implements Disposable {
  readonly #db = new DatabaseSync("");
  readonly #add: StatementSync;
  readonly #of: StatementSync;
  readonly #numbers = new Map<string, number>();

  constructor() {
    this.#db.exec(`${PRAGMAS} ${TABLE}; BEGIN`);
    this.#add = this.#db.prepare(
      "INSERT OR IGNORE INTO place (blob, offset, id, length) VALUES (?, ?, ?, ?)",
    );
    this.#of = this.#db.prepare("SELECT offset, id, length FROM place WHERE blob = ? ORDER BY offset");
  }

  add({ blob, offset, length, id }: Place): void {
    let number = this.#numbers.get(blob);
    if (number === undefined) this.#numbers.set(blob, number = this.#numbers.size);
    this.#add.run(number, offset, fromHex(id), length);
  }

  /** The chunks in `blob`, packed, in the order of their offsets. */
  packed(blob: string): Uint8Array {
    return packChunks(this.#rows(blob));
  }

  /** Ids of the chunks in `blob`. */
  ids(blob: string): string[] {
    return this.#rows(blob).map(({ id }) => toHex(id));
  }

  #rows(blob: string): { offset: number; id: Uint8Array; length: number }[] {
    const number = this.#numbers.get(blob);
    return number === undefined ? [] : this.#of.all(number) as never;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}
