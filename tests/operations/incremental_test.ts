import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { HeaderOpener } from "../../src/seal/age.ts";
import { readManifest, readSnapshot } from "../../src/read/snapshots.ts";
import { CountingStore } from "../../src/store/counting.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, KEYS, Machine } from "./machine.ts";

/** Ids of the pages of a snapshot, in order. */
async function pagesOf(machine: Machine, { id }: { id: string }): Promise<string[]> {
  const tools = machine.tools();
  const manifest = await readManifest(tools, id);
  const snapshot = await readSnapshot(tools, manifest, new HeaderOpener([KEYS.identity]));
  return snapshot.pages.map((page) => page.id);
}

Deno.test("a backup without a change reads no file and uploads metadata only", async () => {
  const store = new CountingStore(new MemoryStore());
  await using machine = await Machine.make({}, store);
  machine.writePages(6);
  machine.write("large", randomBytes(1, 500_000));
  const first = await machine.backUp();
  const [objects, pages] = [await machine.objects(), await pagesOf(machine, first)];
  const sent = store.counts.put.bytes;
  const second = await machine.backUp();
  assert.deepEqual([second.filesRead, second.bytesRead, second.bytesNew], [0, 0, 0]);
  assert.deepEqual([second.files, second.bytes, second.pages], [first.files, first.bytes, first.pages]);
  assert.deepEqual((await pagesOf(machine, second)).slice(1), pages.slice(1));
  const added = (await machine.objects()).filter((name) => !objects.includes(name));
  assert.deepEqual(added.filter((name) => name.startsWith("blobs/")), []);
  assert.ok(added.length <= 3, added.join());
  assert.ok(store.counts.put.bytes - sent < 100_000, `${store.counts.put.bytes - sent} bytes`);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("a changed file changes its page and no other, and is the only one that is read", async () => {
  await using machine = await Machine.make();
  machine.writePages(6);
  const first = await machine.backUp();
  const before = await pagesOf(machine, first);
  assert.ok(before.length >= 6, `${before.length} pages`);
  machine.write("many/3-file-7", "changed");
  const second = await machine.backUp();
  const after = await pagesOf(machine, second);
  assert.equal(after.length, before.length);
  assert.equal(after.filter((id, i) => i > 0 && id !== before[i]).length, 1);
  assert.deepEqual([second.filesRead, second.bytesRead], [1, 7]);
  await assertSameTree((await machine.restore(second)).data, machine.data);
  assert.equal(
    Deno.readTextFileSync((await machine.restore(first)).data + "/many/3-file-7"),
    "many/3-file-7",
  );
});

Deno.test("a file that is added or removed changes the pages around it and no others", async () => {
  await using machine = await Machine.make();
  machine.writePages(6);
  const before = await pagesOf(machine, await machine.backUp());
  machine.write("many/2-file-3-more");
  Deno.removeSync(`${machine.data}/many/4-file-5`);
  const after = await pagesOf(machine, await machine.backUp());
  // Its page each, or more of them where the new name ends one, and the first page, with the directory.
  const fresh = after.slice(1).filter((id) => !before.includes(id));
  assert.ok(fresh.length === 2 || fresh.length === 3, `${fresh.length} of ${before.length} pages`);
});

Deno.test("the same contents are stored once, in one run and in later ones", async () => {
  await using machine = await Machine.make();
  const bytes = randomBytes(3, 700_000);
  for (const name of ["a", "b/c", "z"]) machine.write(name, bytes);
  const first = await machine.backUp();
  assert.deepEqual([first.bytes, first.bytesNew], [2_100_000, 700_000]);
  machine.write("new-name", bytes);
  Deno.renameSync(`${machine.data}/b`, `${machine.data}/moved`);
  const second = await machine.backUp();
  assert.deepEqual([second.filesRead, second.bytesNew], [2, 0]);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("a change in the middle of a file uploads what changed", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: 1 << 12 });
  const bytes = randomBytes(5, 2_000_000);
  machine.write("image", bytes);
  await machine.backUp();
  machine.write("image", bytes.with(1_000_000, bytes[1_000_000]! ^ 1));
  const second = await machine.backUp();
  assert.ok(second.bytesNew <= 4 * (1 << 14), `${second.bytesNew} bytes`);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("an entry of which only the attributes changed is renewed", async () => {
  await using machine = await Machine.make();
  for (const name of ["mode", "time", "other"]) machine.write(name);
  await machine.backUp();
  Deno.chmodSync(`${machine.data}/mode`, 0o4711);
  Deno.utimeSync(`${machine.data}/time`, 1, 1);
  const second = await machine.backUp();
  assert.equal(second.bytesNew, 0);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("a file that turns into a directory, a link or nothing is backed up as what it is", async () => {
  await using machine = await Machine.make();
  for (const name of ["a", "b", "c", "d/x"]) machine.write(name);
  await machine.backUp();
  for (const name of ["a", "b", "c", "d"]) Deno.removeSync(`${machine.data}/${name}`, { recursive: true });
  machine.write("a/inside");
  Deno.symlinkSync("a", `${machine.data}/b`);
  machine.write("d");
  const second = await machine.backUp();
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("two named snapshots share chunks and do not disturb each other", async () => {
  await using machine = await Machine.make();
  machine.write("one/file", randomBytes(1, 100_000));
  machine.write("two/file", randomBytes(1, 100_000));
  const roots = (name: string) => ({ name, roots: [`${machine.data}/${name}`] });
  const one = await machine.backUp(roots("one"));
  const two = await machine.backUp(roots("two"));
  assert.deepEqual([one.bytesNew, two.bytesNew], [100_000, 0]);
  for (const name of ["one", "two"]) assert.equal((await machine.backUp(roots(name))).filesRead, 0);
  await assertSameTree((await machine.restore(two)).data + "/two", `${machine.data}/two`);
});

Deno.test("other roots and excludes take entries in and out", async () => {
  await using machine = await Machine.make();
  for (const name of ["keep/a", "keep/b.tmp", "skip/c", "skip.d"]) machine.write(name);
  const names = (data: string) => Array.from(Deno.readDirSync(data), ({ name }) => name).sort();
  const some = await machine.backUp({ exclude: ["/**/data/skip/", "*.tmp"] });
  const restored = await machine.restore(some);
  assert.deepEqual([names(restored.data), names(`${restored.data}/keep`)], [["keep", "skip.d"], ["a"]]);
  const all = await machine.backUp();
  await assertSameTree((await machine.restore(all)).data, machine.data);
});

Deno.test("two backups in one second get two ids", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const now = () => new Date("2025-01-02T03:04:05Z");
  const ids = [await machine.backUp({}, { now }), await machine.backUp({}, { now })].map(({ id }) => id);
  for (const id of ids) assert.match(id, /^20250102T030405Z-[a-z2-7]{8}-[0-9a-f]{8}$/);
  assert.notEqual(ids[0], ids[1]);
  assert.deepEqual((await machine.verify()).snapshots, ids.toSorted());
});

Deno.test("an empty tree and a root that is one file are backed up", async () => {
  await using machine = await Machine.make();
  const empty = await machine.backUp();
  assert.deepEqual([empty.files, empty.bytes], [0, 0]);
  await assertSameTree((await machine.restore(empty)).data, machine.data);
  machine.write("one", "alone");
  machine.write("other");
  const one = await machine.backUp({ name: "one", roots: [`${machine.data}/one`] });
  const { data } = await machine.restore(one);
  assert.deepEqual(Array.from(Deno.readDirSync(data), ({ name }) => name), ["one"]);
});
