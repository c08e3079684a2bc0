import { DatabaseSync } from "node:sqlite";

/** The schema that indexes of a version have. */
export function schemaText(version: number): string {
  return Deno.readTextFileSync(new URL(`./schemas/${version}.sql`, import.meta.url));
}

/** Makes the index at `path` what an earlier version would have made of the same. */
export function toVersion(path: string, version: number): void {
  Deno.renameSync(path, path + ".new");
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = wal; ${schemaText(version)}; PRAGMA user_version = ${version}`);
  db.prepare("ATTACH ? AS new").run(path + ".new");
  for (const { name } of db.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all()) {
    const columns = db.prepare("SELECT name FROM pragma_table_info(?)").all(name!).map((column) =>
      column.name as string
    );
    db.exec(`INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM new.${name}`);
  }
  db.close();
  Deno.removeSync(path + ".new");
}
