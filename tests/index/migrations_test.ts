import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SCHEMA_VERSION } from "../../src/index/database.ts";
import { Index } from "../../src/index/index.ts";
import { Machine } from "../operations/machine.ts";
import { schemaText, toVersion } from "./old_version.ts";

const OLDEST = 9;

function dump(path: string): Record<string, unknown[]> {
  const db = new DatabaseSync(path, { readOnly: true });
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = names.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]);
  db.close();
  return Object.fromEntries(rows);
}

Deno.test("the schema is kept among those of all versions: who changes it raises its version, adds a step and a file here", () => {
  const tables = (sql: string) => {
    const db = new DatabaseSync(":memory:");
    db.exec(sql);
    return db.prepare("SELECT sql FROM sqlite_schema ORDER BY type, name").all().map(({ sql }) => sql);
  };
  const current = Deno.readTextFileSync(new URL("../../schema.sql", import.meta.url));
  assert.deepEqual(tables(schemaText(SCHEMA_VERSION)), tables(current));
});

for (let version = OLDEST; version < SCHEMA_VERSION; version++) {
  Deno.test(`an index of schema version ${version} is brought up to this one, and nothing is uploaded again`, async () => {
    await using machine = await Machine.make();
    machine.writePages(3);
    machine.write("large", new Uint8Array(300_000).fill(7));
    await machine.backUp();
    const { indexPath } = machine.options;
    const before = dump(indexPath);
    // What an old version did not know of is empty.
    if (version < 10) before["guard"] = [];
    if (version < 12) { for (const row of before["last_backup"] as { id: string }[]) row.id = ""; }
    toVersion(indexPath, version);
    {
      using index = new Index(indexPath);
      assert.equal(index.replaced, undefined);
      assert.deepEqual(index.faults(), []);
    }
    const after = dump(indexPath);
    for (const [name, rows] of Object.entries(before)) {
      assert.deepEqual(after[name], rows, name);
    }
    const blobs = await machine.objects("blobs/");
    assert.equal((await machine.backUp()).filesRead, 0);
    assert.deepEqual(await machine.objects("blobs/"), blobs);
    machine.write("more");
    assert.deepEqual((await machine.verify(await machine.backUp())).problems, []);
  });
}
