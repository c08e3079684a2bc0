import { backup, DatabaseSync } from "node:sqlite";

/** How long another program may keep the database locked. */
const BUSY_MS = 60_000;
/** In one step: whoever writes between two steps makes SQLite begin again. */
const ALL_PAGES = 2 ** 31 - 1;

/** Copies an SQLite database, which others may write to, as it is at one moment to the file `copy`. Keeps its thread busy. Throws what SQLite does. */
export async function copySqlite(database: string, copy: string): Promise<void> {
  using source = new DatabaseSync(database, { readOnly: true, timeout: BUSY_MS });
  await backup(source, copy, { rate: ALL_PAGES });
}
