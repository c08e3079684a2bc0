import type { DatabaseSync } from "node:sqlite";

/**
 * What makes tables of version n ready to be those of version n + 1: SQL that adds, renames and fills tables and columns. The order of
 * columns, indexes and comments need no step: at the end everything is copied into tables as schema.sql has them. Indexes that are older than
 * all steps are replaced by new ones.
 */
const STEPS: ReadonlyMap<number, string> = new Map([
  [9, "CREATE TABLE guard (name TEXT PRIMARY KEY, memory TEXT NOT NULL)"],
  [10, ""], // another order of columns
  [11, "ALTER TABLE last_backup ADD COLUMN id TEXT NOT NULL DEFAULT ''"],
]);

/** Whether an index of schema version `from` can become one of version `to`. */
export function canMigrate(from: number, to: number): boolean {
  for (let version = from; version < to; version++) if (!STEPS.has(version)) return false;
  return from < to;
}

/** Makes an index of version `from` one of version `to`, which `schema` is; within a transaction of the caller. */
export function migrate(db: DatabaseSync, from: number, to: number, schema: string): void {
  for (let version = from; version < to; version++) db.exec(STEPS.get(version)!);
  for (const name of namesOf(db, "index")) db.exec(`DROP INDEX "${name}"`);
  const old = namesOf(db, "table");
  for (const name of old) db.exec(`ALTER TABLE "${name}" RENAME TO "old_${name}"`);
  db.exec(schema);
  for (const name of namesOf(db, "table").filter((name) => old.includes(name))) {
    const columns = db.prepare("SELECT name FROM pragma_table_info(?)").all(name).map(({ name }) => name);
    db.exec(`INSERT INTO "${name}" (${columns}) SELECT ${columns} FROM "old_${name}"`);
  }
  for (const name of old) db.exec(`DROP TABLE "old_${name}"`);
}

/** Those that a schema has made: SQLite's own have no text. */
function namesOf(db: DatabaseSync, type: "table" | "index"): string[] {
  const sql = "SELECT name FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL";
  return db.prepare(sql).all(type).map(({ name }) => name as string);
}
