import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { atLeast } from "../../src/base/at_least.ts";
import { listTree } from "../fixtures/tree.ts";
import { type Result, Scene, testOfExecutable } from "./vaultik.ts";

const FILES = 24;
const CORRUPT = 5;

/** A snapshot of some files in several blobs, and a text file beside them. */
async function damageableScene(): Promise<{ scene: Scene; id: string }> {
  const scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "512KiB" });
  for (let number = 0; number < FILES; number++) {
    await Deno.writeFile(join(scene.tree, fileName(number)), randomBytes(100_000));
  }
  return { scene, id: await scene.create() };
}

function fileName(number: number): string {
  return `file-${String(number).padStart(2, "0")}`;
}

/** Paths of the store's objects whose name begins with `prefix`, the largest first. */
function objects(scene: Scene, prefix: string): string[] {
  const found: { path: string; size: number }[] = [];
  const visit = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      const path = join(directory, name);
      if (isDirectory) visit(path);
      else found.push({ path, size: Deno.statSync(path).size });
    }
  };
  visit(join(scene.host, prefix));
  assert.ok(found.length > 0);
  return found.sort((a, b) => b.size - a.size).map(({ path }) => path);
}

async function change(path: string, edit: (bytes: Uint8Array) => Uint8Array): Promise<void> {
  await Deno.writeFile(path, edit(await Deno.readFile(path)));
}

function flip(position: (length: number) => number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    bytes[position(bytes.length)]! ^= 1;
    return bytes;
  };
}

/** The result says that something is damaged, and is no crash. */
function assertDamaged(result: Result): void {
  assert.equal(result.code, CORRUPT, result.stderr);
  assert.doesNotMatch(result.stderr, /this is a bug|\n {4}at /);
}

/** Restores what can be restored: every file is whole or named on stderr. Returns the numbers of those that are named. */
async function restoreRest(scene: Scene, id: string): Promise<number[]> {
  const target = scene.path("restored");
  const result = await scene.restore(id, target);
  assertDamaged(result);
  const damaged: number[] = [];
  for (let number = 0; number < FILES; number++) {
    const path = join(scene.tree, fileName(number));
    const restored = await Deno.readFile(target + path).catch(() => new Uint8Array());
    if (result.stderr.includes(fileName(number))) damaged.push(number);
    else assert.deepEqual(restored, await Deno.readFile(path), `${path} is neither whole nor named`);
  }
  return damaged;
}

const DAMAGES: { name: string; quick: boolean; damage: (path: string) => Promise<void> }[] = [
  { name: "a missing blob", quick: true, damage: (path) => Deno.remove(path) },
  { name: "an empty blob", quick: true, damage: (path) => Deno.truncate(path, 0) },
  {
    name: "a truncated blob",
    quick: true,
    damage: (path) => change(path, (bytes) => bytes.subarray(0, -1000)),
  },
  {
    name: "a byte flipped in a blob's header",
    quick: false,
    damage: (path) => change(path, flip(() => 100)),
  },
  { name: "a byte flipped in a blob", quick: false, damage: (path) => change(path, flip((n) => n >> 1)) },
  {
    name: "a byte flipped at a blob's end",
    quick: false,
    damage: (path) => change(path, flip((n) => n - 20)),
  },
];

for (const { name, quick, damage } of DAMAGES) {
  testOfExecutable(`${name} is found, and restore goes on with all other files`, async () => {
    const { scene, id } = await damageableScene();
    await using _ = scene;
    const [path] = objects(scene, "blobs");
    await damage(path!);
    const shallow = await scene.run("snapshot", "verify", id);
    if (quick) assertNames(shallow, path!);
    else assert.equal(shallow.code, 0);
    assertNames(await scene.run("snapshot", "verify", id, "--deep", "--identity", scene.key), path!);
    const damaged = await restoreRest(scene, id);
    assert.ok(damaged.length > 0 && damaged.length < FILES / 2, `damaged: ${damaged}`);
  });
}

function assertNames(result: Result, path: string): void {
  assertDamaged(result);
  assert.ok(result.stderr.includes(path.slice(-64)), `does not name the object:\n${result.stderr}`);
}

testOfExecutable("a blob that grew is found, and its files come back", async () => {
  const { scene, id } = await damageableScene();
  await using _ = scene;
  const [path] = objects(scene, "blobs");
  await Deno.writeTextFile(path!, "x", { append: true });
  assertNames(await scene.run("snapshot", "verify", id), path!);
  assertNames(await scene.run("snapshot", "verify", id, "--deep", "--identity", scene.key), path!);
  assert.deepEqual(await scene.restored(id), await listTree(scene.tree));
});

testOfExecutable("a blob in the place of another is found", async () => {
  const { scene, id } = await damageableScene();
  await using _ = scene;
  const [one, other] = atLeast(2, objects(scene, "blobs"));
  await Deno.copyFile(other, one);
  assertDamaged(await scene.run("snapshot", "verify", id, "--deep", "--identity", scene.key));
  assert.ok((await restoreRest(scene, id)).length > 0);
});

for (const kind of ["missing", "flipped"]) {
  testOfExecutable(`a page blob that is ${kind} is found and named`, async () => {
    const { scene, id } = await damageableScene();
    await using _ = scene;
    const [path] = objects(scene, "pages");
    if (kind === "missing") await Deno.remove(path!);
    else await change(path!, flip((length) => length >> 1));
    assertNames(await scene.run("snapshot", "verify", id, "--deep", "--identity", scene.key), path!);
    assertDamaged(await scene.restore(id, scene.path("r")));
  });
}

testOfExecutable("a snapshot file that is missing or damaged is found", async () => {
  const { scene, id } = await damageableScene();
  await using _ = scene;
  const path = join(scene.host, "snapshots", id, "snapshot.json.zst.age");
  await change(path, flip((length) => length >> 1));
  assertDamaged(await scene.run("snapshot", "verify", id, "--deep", "--identity", scene.key));
  // The index has kept what the last backup stored.
  assert.equal((await scene.restore(id, scene.path("r"))).code, 0);
  await Deno.remove(scene.index);
  assertDamaged(await scene.restore(id, scene.path("r2")));
  await Deno.remove(path);
  assertDamaged(await scene.run("snapshot", "verify", id));
  assertDamaged(await scene.restore(id, scene.path("r3")));
});

const MANIFESTS: { name: string; edit: (bytes: Uint8Array) => Uint8Array }[] = [
  { name: "empty", edit: () => new Uint8Array() },
  { name: "cut short", edit: (bytes) => bytes.subarray(0, bytes.length >> 1) },
  { name: "no zstd", edit: () => new TextEncoder().encode("garbage") },
  { name: "no JSON", edit: () => zstdCompressSync("garbage") },
  {
    name: "edited",
    edit: (bytes) => editJson(bytes, (text) => text.replace('"incomplete":false', '"incomplete":true')),
  },
  { name: "of another version", edit: (bytes) => editJson(bytes, (text) => text.replace('":2,', '":99,')) },
];

function editJson(bytes: Uint8Array, edit: (text: string) => string): Uint8Array {
  const text = new TextDecoder().decode(zstdDecompressSync(bytes));
  assert.notEqual(edit(text), text);
  return zstdCompressSync(edit(text));
}

testOfExecutable("a broken manifest is found, and the other snapshots are listed all the same", async (t) => {
  const { scene, id } = await damageableScene();
  await using _ = scene;
  await Deno.writeTextFile(join(scene.tree, "new"), "new");
  const second = await scene.create();
  const path = join(scene.host, "snapshots", second, "manifest.json.zst");
  const sound = await Deno.readFile(path);
  for (const { name, edit } of MANIFESTS) {
    await t.step(name, async () => {
      await Deno.writeFile(path, edit(sound.slice()));
      assertDamaged(await scene.run("snapshot", "verify", second));
      assertDamaged(await scene.restore(second, scene.path(`r ${name}`)));
      const list = await scene.run("snapshot", "list", "--json");
      assert.deepEqual(JSON.parse(list.stdout).map((listed: { id: string }) => listed.id), [id]);
      assert.match(list.stderr, new RegExp(second));
    });
  }
});

testOfExecutable(
  "a backup to a store that lost its newest snapshot and a blob stores again what is gone; one that is empty may be an unmounted disk",
  async () => {
    const { scene, id } = await damageableScene();
    await using _ = scene;
    await Deno.remove(objects(scene, "blobs")[0]!);
    await Deno.remove(join(scene.host, "snapshots", id), { recursive: true });
    await scene.ok("snapshot", "verify", await scene.create(), "--deep", "--identity", scene.key);
    await Deno.remove(scene.store, { recursive: true });
    await Deno.mkdir(scene.store);
    const refused = await scene.run("snapshot", "create");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /is empty, though earlier backups went there; is its disk mounted\?/);
    await scene.ok("database", "purge", "--force");
    await scene.ok("snapshot", "verify", await scene.create(), "--deep", "--identity", scene.key);
  },
);
