import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { equalBytes } from "../../src/base/bytes.ts";
import { loadHostKeys, writeHostKeys } from "../../src/operations/host_keys.ts";
import type { Entry, Place } from "../../src/model/entry.ts";
import { createFile, setSize, writeAt } from "../../src/platform/write.ts";
import { closeFile } from "../../src/platform/read.ts";
import { pathOf } from "../../src/model/path.ts";
import { randomBytes } from "../chunk/random.ts";
import { readEntries } from "./forge.ts";
import { assertSameTree, Machine } from "./machine.ts";

const MIB = 1 << 20;

/** The list pages of the file `name`; none where its chunks are in its entry. */
async function listsOf(machine: Machine, backup: { id: string }, name: string): Promise<readonly Place[]> {
  const entries = (await readEntries(machine, backup)).flatMap(({ entries }) => entries);
  return entries.find(({ path }) => path === `${machine.data}/${name}`)!.lists ?? [];
}

/** Writes `pieces` at their offsets into a file of `size` bytes; the rest is holes. */
function writeSparse(machine: Machine, name: string, size: number, pieces: [number, Uint8Array][]): void {
  const fd = createFile(pathOf(`${machine.data}/${name}`));
  setSize(fd, size);
  for (const [offset, bytes] of pieces) writeAt(fd, bytes as Uint8Array<ArrayBuffer>, offset);
  closeFile(fd);
}

/** Chunks, and where their lists end, are the same in every run of the tests then. */
function fixSeed(machine: Machine): void {
  const { indexPath } = machine.options;
  writeHostKeys(indexPath, { ...loadHostKeys(indexPath), chunkerSeed: "01".repeat(32) });
}

Deno.test("a file of more than 1,024 chunks keeps them in list pages, of which a change renews few", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: 1024 });
  fixSeed(machine);
  const bytes = randomBytes(1, 4 * MIB);
  machine.write("image", bytes);
  machine.write("small", "small");
  const first = await machine.backUp();
  const lists = await listsOf(machine, first, "image");
  assert.ok(lists.length >= 3, `${lists.length} list pages`);
  assert.deepEqual(await listsOf(machine, first, "small"), []);
  assert.deepEqual((await machine.verify(first)).problems, []);

  machine.write("image", bytes.with(2 * MIB, bytes[2 * MIB]! ^ 1));
  const second = await machine.backUp();
  const known = new Set(lists.map(({ id }) => id));
  const fresh = (await listsOf(machine, second, "image")).filter(({ id }) => !known.has(id));
  assert.ok(fresh.length >= 1 && fresh.length <= 2, `${fresh.length} of ${lists.length}`);
  assert.ok(second.bytesNew < 20_000, `${second.bytesNew}`);
  for (const backup of [first, second]) {
    const { data, damaged } = await machine.restore(backup, { writers: 2 });
    assert.deepEqual(damaged, []);
    const wanted = backup === first ? bytes : Deno.readFileSync(`${machine.data}/image`);
    assert.ok(equalBytes(Deno.readFileSync(`${data}/image`), wanted));
  }
  const third = await machine.backUp();
  assert.equal(third.filesRead, 0);
  assert.equal(
    (await listsOf(machine, third, "image")).length,
    (await listsOf(machine, second, "image")).length,
  );
});

Deno.test("a file with a damaged list page, or a damaged chunk, is not left half-written", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: 1024, blobSizeBytes: MIB });
  machine.write("image", randomBytes(1, 4 * MIB));
  machine.write("small", "small");
  const backup = await machine.backUp();
  for (const prefix of ["blobs/", "pages/"]) {
    const names = await machine.objects(prefix);
    const name = prefix === "blobs/" ? names[0]! : `pages/${await listBlob(machine, backup)}`;
    const whole = await machine.store.get(name);
    await machine.store.remove(name);
    const { damaged, data } = await machine.restore(backup, { writers: 2 });
    assert.ok(damaged.some(({ path }) => path === `${machine.data}/image`), name);
    assert.throws(() => Deno.lstatSync(`${data}/image`), Deno.errors.NotFound);
    await machine.store.put(name, whole);
  }
  assert.deepEqual((await machine.verify(backup)).problems, []);
});

async function listBlob(machine: Machine, backup: { id: string }): Promise<string> {
  const [{ blob }] = atLeast(1, await listsOf(machine, backup, "image"));
  return `${blob.slice(0, 2)}/${blob.slice(2, 4)}/${blob}`;
}

Deno.test("a file of 64 MiB and more is written by several threads, holes and all", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: MIB, readers: 2 });
  const pieces: [number, Uint8Array][] = [
    [0, randomBytes(1, 3 * MIB)],
    [20 * MIB, randomBytes(2, 5 * MIB)],
    [60 * MIB, randomBytes(3, 7 * MIB)],
  ];
  writeSparse(machine, "image", 80 * MIB + 17, pieces);
  machine.write("plain", new Uint8Array(64 * MIB).fill(7));
  Deno.linkSync(`${machine.data}/image`, `${machine.data}/link`);
  Deno.chmodSync(`${machine.data}/image`, 0o640);
  Deno.utimeSync(`${machine.data}/image`, 5, 5);
  const backup = await machine.backUp();
  assert.equal(backup.bytes, 144 * MIB + 17);
  assert.equal(backup.bytesRead, 79 * MIB, "holes are not read");
  const restored = await machine.restore(backup, { writers: 2 });
  assert.equal(restored.bytes, 79 * MIB);
  await assertSameTree(restored.data, machine.data);
});

/** Keeps changing the time of a file, without a change of its contents, until it is let go. */
function touchAllTheTime(path: string): Disposable {
  let time = 1_000_000_000;
  const timer = setInterval(() => Deno.utimeSync(path, ++time, time), 1);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

Deno.test("a file that keeps changing is reported, and comes back as it could be read", async () => {
  await using machine = await Machine.make();
  const bytes = randomBytes(1, 12 * MIB);
  machine.write("database", bytes);
  const backup = await backUpWhileTouching(machine, "database");
  assert.ok(
    machine.events.some((event) => event.kind === "file-changed" && event.path.endsWith("/database")),
  );
  assert.equal((await entryOf(machine, backup, "database")).changed, true);
  assert.equal(backup.incomplete, false);
  const { data } = await machine.restore(backup);
  assert.ok(equalBytes(Deno.readFileSync(`${data}/database`), bytes));
  const next = await machine.backUp();
  assert.equal(next.filesRead, 1, "it is read again although its time is the same");
  assert.equal((await entryOf(machine, next, "database")).changed, undefined);
});

Deno.test("a file with holes that keeps changing comes back with its data where it was", async () => {
  await using machine = await Machine.make();
  writeSparse(machine, "image", 40 * MIB, [[MIB, randomBytes(1, 12 * MIB)], [
    30 * MIB,
    randomBytes(2, 3 * MIB),
  ]]);
  const backup = await backUpWhileTouching(machine, "image");
  assert.equal((await entryOf(machine, backup, "image")).changed, true);
  const { data } = await machine.restore(backup);
  assert.ok(equalBytes(Deno.readFileSync(`${data}/image`), Deno.readFileSync(`${machine.data}/image`)));
});

async function backUpWhileTouching(machine: Machine, name: string) {
  using _toucher = touchAllTheTime(`${machine.data}/${name}`);
  const backup = await machine.backUp();
  assert.equal(backup.changedWhileRead, 1);
  return backup;
}

async function entryOf(machine: Machine, backup: { id: string }, name: string): Promise<Entry> {
  const entries = (await readEntries(machine, backup)).flatMap(({ entries }) => entries);
  return entries.find(({ path }) => path === `${machine.data}/${name}`)!;
}
