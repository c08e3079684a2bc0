import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { NotFoundError, UnavailableError } from "../../src/base/errors.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A machine whose index has many pages of its file in use. */
async function withLargeIndex() {
  const machine = await Machine.make();
  machine.writePages(60);
  for (let i = 0; i < 5; i++) machine.write(`file-${i}`, randomBytes(i, 300_000));
  const first = await machine.backUp();
  return { machine, first };
}

Deno.test("an index that is overwritten anywhere is noticed, at the start or in the middle of a run, and never trusted", async (t) => {
  const { machine } = await withLargeIndex();
  await using _ = machine;
  const { indexPath } = machine.options;
  const whole = Deno.readFileSync(indexPath);
  for (let eighth = 0; eighth < 8; eighth++) {
    await t.step(`an eighth of it, from ${eighth}/8 on`, async () => {
      const bytes = whole.slice();
      const from = Math.floor(bytes.length * eighth / 8);
      bytes.fill(0xa5, from, from + Math.floor(bytes.length / 8));
      Deno.writeFileSync(indexPath, bytes);
      machine.write("changed", `in round ${eighth}`);
      machine.write(`many/${eighth}-file-3`, `changed in round ${eighth}`);
      const backup = await machine.backUp();
      assert.deepEqual((await machine.verify(backup)).problems, []);
      await assertSameTree((await machine.restore(backup)).data, machine.data);
    });
  }
  assert.match(machine.texts("warning").at(-1)!, /^Index ".*" (is damaged and )?was set aside/);
  assert.ok(Deno.statSync(`${indexPath}.old`).isFile);
});

Deno.test("a page in the index with a wrong bit is noticed", async () => {
  const { machine } = await withLargeIndex();
  await using _ = machine;
  const { indexPath } = machine.options;
  const bytes = Deno.readFileSync(indexPath);
  // Every frame of zstd begins with its magic number: the pages are the only ones.
  let frames = 0;
  for (let at = bytes.indexOf(0x28); at >= 0; at = bytes.indexOf(0x28, at + 1)) {
    if (bytes[at + 1] !== 0xb5 || bytes[at + 2] !== 0x2f || bytes[at + 3] !== 0xfd) continue;
    bytes[at + 60]! ^= 1;
    frames++;
  }
  assert.ok(frames >= 30, String(frames));
  Deno.writeFileSync(indexPath, bytes);
  for (let page = 0; page < 60; page++) machine.write(`many/${page}-file-0`, "changed");
  const backup = await machine.backUp();
  assert.match(machine.texts("warning").at(-1)!, /is damaged and was set aside/);
  assert.deepEqual((await machine.verify(backup)).problems, []);
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("what a store or a path says in the words of SQLite is no damage of the index", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  await machine.backUp();
  const size = () => Promise.reject(new UnavailableError("malformed HTTP response"));
  Object.assign(machine.root, { size });
  await assert.rejects(machine.backUp(), UnavailableError);
  Reflect.deleteProperty(machine.root, "size");
  await assert.rejects(machine.backUp({ roots: [`${machine.directory}/not a database`] }), NotFoundError);
  assert.deepEqual(machine.texts("warning"), []);
  assert.equal((await machine.backUp()).filesRead, 0);
});
