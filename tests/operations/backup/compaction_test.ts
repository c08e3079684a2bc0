import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, Machine } from "../machine.ts";

/** A machine with 40 small files in one blob, of which all but two were then changed. */
async function withWaste(): Promise<Machine> {
  const machine = await Machine.make({ maxWaste: 0.3 });
  for (let i = 0; i < 40; i++) machine.write(`d/file-${i}`, randomBytes(i, 10_000));
  await machine.backUp();
  for (let i = 2; i < 40; i++) machine.write(`d/file-${i}`, randomBytes(100 + i, 10_000));
  await machine.backUp();
  return machine;
}

/** As if a day had passed since it was looked last. */
async function forgetLook(machine: Machine): Promise<void> {
  const { Index } = await import("../../../src/index/index.ts");
  using index = new Index(machine.options.indexPath);
  index.set("compaction_ms", "0");
}

Deno.test("what is still needed of a wasteful blob is stored again by the next backup, and the blob is not named any more", async () => {
  await using machine = await withWaste();
  const [old] = await machine.objects("blobs/");
  const before = await machine.objects("blobs/");
  assert.equal((await machine.backUp()).bytesNew, 0, "it was looked today");
  await forgetLook(machine);
  const compacted = await machine.backUp();
  assert.equal(compacted.bytesNew, 20_000);
  assert.match(machine.texts("note").join(), /what is needed of \d+ blobs .* is stored again/);
  const fresh = (await machine.objects("blobs/")).filter((name) => !before.includes(name));
  assert.equal(fresh.length, 1);
  assert.ok(old !== undefined);
  assert.deepEqual((await machine.verify(compacted)).problems, []);
  await assertSameTree((await machine.restore(compacted)).data, machine.data);
  await forgetLook(machine);
  const next = await machine.backUp();
  assert.deepEqual([next.bytesNew, next.filesRead], [0, 0], "there is nothing more to do");
});

Deno.test("with max_waste of everything nothing is stored again", async () => {
  await using machine = await withWaste();
  await forgetLook(machine);
  assert.equal((await machine.backUp({ maxWaste: 1 })).bytesNew, 0);
  assert.equal((await machine.backUp({ maxWaste: undefined })).bytesNew, 0);
});

Deno.test("many small blobs, as frequent runs leave them, are joined", async () => {
  await using machine = await Machine.make({ maxWaste: 0.3, blobSizeBytes: 1 << 22 });
  for (let i = 0; i < 66; i++) {
    machine.write(`file-${i}`, randomBytes(i, 2_000));
    await machine.backUp();
  }
  await forgetLook(machine);
  const joined = await machine.backUp();
  assert.equal(joined.blobsUploaded, 2, "one of data, one of pages");
  assert.equal(joined.bytesNew, 66 * 2_000);
  assert.deepEqual((await machine.verify(joined)).problems, []);
});

Deno.test("a large file keeps its list pages right when the blobs of most of its chunks are stored again", async () => {
  await using machine = await Machine.make({ maxWaste: 0.3, blobSizeBytes: 1 << 22 });
  const contents = randomBytes(1, 80_000_000);
  machine.write("image", contents);
  await machine.backUp();
  for (let at = 0; at < 40_000_000; at += 50_000) contents.set(randomBytes(at, 64), at);
  machine.write("image", contents);
  await machine.backUp();
  await forgetLook(machine);
  const compacted = await machine.backUp();
  assert.ok(compacted.bytesNew < 40_000_000, `${compacted.bytesNew}`);
  assert.deepEqual((await machine.verify(compacted)).problems, []);
  await assertSameTree((await machine.restore(compacted)).data, machine.data);
});
