import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import { pathOf } from "../../../src/model/path.ts";
import type { Tree } from "../../../src/operations/browse/tree.ts";
import { seeded } from "../../../src/base/chance.ts";
import { makeTree } from "../../fixtures/tree.ts";
import { Machine } from "../machine.ts";
import { browse, bytesOf, namesIn, nodeAt } from "./browsed.ts";

function randomBytes(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = seeded(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

/** Compares everything in a directory of the tree with the disk. */
async function assertSame(tree: Tree, node: number, path: string): Promise<number> {
  const names = await namesIn(tree, node);
  const onDisk = [...Deno.readDirSync(path)].filter(({ name }) => !name.includes("\ufffd"));
  let count = 0;
  for (const { name, isDirectory, isFile, isSymlink } of onDisk) {
    const child = names.get(pathOf(name));
    const stat = Deno.lstatSync(`${path}/${name}`);
    if (!isDirectory && !isFile && !isSymlink) continue;
    assert.ok(child !== undefined, `${path}/${name}`);
    const attributes = await tree.stat(child);
    assert.equal(attributes.mode, stat.mode! & 0o7777, `${path}/${name}`);
    assert.equal((await tree.lookup(node, pathOf(name)))?.id, child, `${path}/${name}`);
    count++;
    if (isDirectory) count += await assertSame(tree, child, `${path}/${name}`);
    if (isSymlink) assert.equal(await tree.target(child), pathOf(Deno.readLinkSync(`${path}/${name}`)));
    if (isFile && stat.size < 100_000_000) {
      assert.equal(attributes.size, stat.size, `${path}/${name}`);
      assert.deepEqual(await bytesOf(tree, child), Deno.readFileSync(`${path}/${name}`), `${path}/${name}`);
    }
  }
  return count;
}

Deno.test("a snapshot as a tree has what was backed up, of nasty trees too", async () => {
  await using machine = await Machine.make();
  await makeTree(machine.data, { unreadable: false, bigFile: 3_000_000 });
  const { id } = await machine.backUp();
  const tree = await browse(machine, id);
  const count = await assertSame(tree, await nodeAt(tree, machine.data), machine.data);
  assert.ok(count > 300, `${count} entries`);
});

Deno.test("names of one file are one node, and what is not there is not found", async () => {
  await using machine = await Machine.make();
  machine.write("a/first");
  Deno.linkSync(`${machine.data}/a/first`, `${machine.data}/z-second`);
  const tree = await browse(machine, (await machine.backUp()).id);
  const data = await nodeAt(tree, machine.data);
  const second = (await tree.lookup(data, "z-second"))!;
  assert.equal(second.id, await nodeAt(tree, `${machine.data}/a/first`));
  assert.equal((await namesIn(tree, data)).get("z-second"), second.id);
  assert.equal(second.attributes.links, 2);
  assert.equal((await tree.stat(second.id)).links, 2);
  assert.equal(new TextDecoder().decode(await bytesOf(tree, second.id)), "a/first");
  for (const name of ["zz", "", ".", "..", "a/first", "a\0"]) {
    assert.equal(await tree.lookup(data, name), undefined, name);
  }
});

Deno.test("a listing goes on from the place of any of its entries", async () => {
  await using machine = await Machine.make();
  machine.writePages(3);
  for (const name of ["many/0-directory/x/y", "many/1-directory/x", "many/2-empty/a"]) machine.write(name);
  Deno.removeSync(`${machine.data}/many/2-empty/a`);
  const tree = await browse(machine, (await machine.backUp()).id);
  const many = await nodeAt(tree, `${machine.data}/many`);
  const all = await Array.fromAsync(tree.list(many, 0));
  const onDisk = [...Deno.readDirSync(`${machine.data}/many`)].map(({ name }) => name).sort();
  assert.deepEqual(all.map(({ name }) => name), onDisk);
  for (const [i, { next }] of all.entries()) {
    const rest = await Array.fromAsync(tree.list(many, next));
    assert.deepEqual(rest, all.slice(i + 1), `behind entry ${i}`);
  }
});

Deno.test("any part of a file with holes and of one with very many chunks can be read", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 18 });
  machine.write("large", randomBytes(6_000_000, 1));
  {
    using file = Deno.openSync(`${machine.data}/sparse`, { write: true, create: true });
    for (const [at, length] of [[100_000, 70_000], [2_000_000, 10], [5_000_000, 4096]] as const) {
      file.seekSync(at, Deno.SeekMode.Start);
      file.writeSync(randomBytes(length, at));
    }
    file.truncateSync(7_000_000);
  }
  const tree = await browse(machine, (await machine.backUp()).id, 1 << 20);
  for (const name of ["large", "sparse"]) {
    const whole = Deno.readFileSync(`${machine.data}/${name}`);
    const node = await nodeAt(tree, `${machine.data}/${name}`);
    assert.deepEqual(await bytesOf(tree, node), whole);
    const random = new Uint32Array(randomBytes(80, 7).slice().buffer);
    for (let i = 0; i < random.length; i += 2) {
      const [offset, length] = [random[i]! % (whole.length + 1000), random[i + 1]! % 300_000];
      assert.deepEqual(await bytesOf(tree, node, offset, length), whole.slice(offset, offset + length));
    }
  }
  assert.ok((await tree.holes(await nodeAt(tree, `${machine.data}/sparse`))).length >= 3);
});

Deno.test("a lost blob costs its files, and a lost page its entries, and nothing else", async () => {
  await using machine = await Machine.make({ blobSizeBytes: 1 << 18 });
  machine.write("a", randomBytes(150_000, 1));
  await machine.backUp();
  const before = new Set(await machine.objects());
  machine.write("b", randomBytes(150_000, 2));
  const { id } = await machine.backUp();
  const isNew = (name: string) => !before.has(name);
  const [blob] = atLeast(
    1,
    (await machine.objects()).filter((name) => isNew(name) && /(^|\/)blobs\//.test(name)),
  );
  const tree = await browse(machine, id);
  await machine.store.remove(blob);
  await assert.rejects(
    async () => await bytesOf(tree, await nodeAt(tree, `${machine.data}/b`)),
    CorruptionError,
  );
  assert.equal((await bytesOf(tree, await nodeAt(tree, `${machine.data}/a`))).length, 150_000);
  for (const name of await machine.objects()) {
    if (/(^|\/)pages\//.test(name)) await machine.store.remove(name);
  }
  const other = await browse(machine, id);
  await assert.rejects(() => Array.fromAsync(other.list(other.root, 0)), CorruptionError);
  assert.equal((await other.stat(other.root)).kind, "directory");
});
