import assert from "node:assert/strict";
import { CountingStore } from "../../../src/store/counting.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, Machine } from "../machine.ts";

const MIB = 1 << 20;

/** What the calls of `work` asked of the store. */
async function getsOf(
  store: CountingStore,
  work: () => Promise<void>,
): Promise<{ calls: number; bytes: number }> {
  const { calls, bytes } = store.counts.get;
  await work();
  return { calls: store.counts.get.calls - calls, bytes: store.counts.get.bytes - bytes };
}

async function storedBytes(machine: Machine): Promise<number> {
  return (await Array.fromAsync(machine.store.list("blobs/"))).reduce((sum, { size }) => sum + size, 0);
}

Deno.test("a large file is restored with hardly more than one request a blob", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({ chunkSizeBytes: 1 << 18, blobSizeBytes: 2 * MIB }, store);
  machine.write("image", randomBytes(1, 80 * MIB));
  const backup = await machine.backUp();
  const blobs = (await machine.objects("blobs/")).length;
  assert.ok(blobs >= 40);
  const { calls, bytes } = await getsOf(store, async () => {
    const { data } = await machine.restore(backup, { writers: 2 });
    await assertSameTree(data, machine.data);
  });
  assert.ok(calls <= blobs + 20, `${calls} requests for ${blobs} blobs`);
  assert.ok(bytes <= 1.02 * await storedBytes(machine), `${bytes} bytes`);
});

Deno.test("one file of many in a blob is restored without the others", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({}, store);
  for (let i = 0; i < 40; i++) machine.write(`${i}`, randomBytes(i, 100_000));
  const backup = await machine.backUp();
  const { calls, bytes } = await getsOf(store, async () => {
    const { data } = await machine.restore(backup, { paths: [`${machine.data}/20`] });
    assert.deepEqual([...Deno.readDirSync(data)].map(({ name }) => name), ["20"]);
  });
  assert.ok(calls <= 8, `${calls} requests`);
  assert.ok(bytes < 1.5 * MIB, `${bytes} of ${await storedBytes(machine)} bytes`);
});

Deno.test("a small file that is alone in its blob is restored with one request for manifest, snapshot, page and blob each", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({}, store);
  machine.write("file", randomBytes(1, 600_000));
  const backup = await machine.backUp();
  const { calls } = await getsOf(store, async () => {
    const { data } = await machine.restore(backup, { paths: [`${machine.data}/file`] });
    await assertSameTree(data, machine.data);
  });
  assert.equal(calls, 4);
});

Deno.test("pages that lie together are fetched together", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({}, store);
  machine.writePages(40);
  const backup = await machine.backUp();
  const { calls } = await getsOf(store, async () => {
    const { data } = await machine.restore(backup);
    await assertSameTree(data, machine.data);
  });
  assert.ok(calls <= 40, `${calls} requests for ${backup.pages} pages`);
});

Deno.test("a blob that files of many pages want is fetched once", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({ blobSizeBytes: 1 << 19 }, store);
  machine.writePages(20);
  const contents = Array.from({ length: 12 }, (_, i) => randomBytes(i, 150_000));
  for (let page = 0; page < 20; page++) {
    contents.forEach((bytes, i) => machine.write(`many/${page}-same-${i}`, bytes));
  }
  const backup = await machine.backUp();
  const { bytes } = await getsOf(store, async () => {
    const restored = await machine.restore(backup, { writers: 2 });
    await assertSameTree(restored.data, machine.data);
    assert.equal(restored.bytesAgain, 0);
  });
  const all = (await Array.fromAsync(store.list(""))).reduce((sum, { size }) => sum + size, 0);
  assert.ok(bytes <= 1.05 * all, `${bytes} of ${all} bytes`);
});
