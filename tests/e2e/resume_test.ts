import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { seeded } from "../../src/base/chance.ts";
import { testSeed } from "../fixtures/random.ts";
import { listTree } from "../fixtures/tree.ts";
import { assertFails, Scene, start, testOfExecutable } from "./vaultik.ts";

const KILLS = 20;
const FILES = 240;
const FILE_BYTES = 400_000;

/** Whether the restore says that all is there. It may be killed after this and before its exit. */
function isFinished(target: string): boolean {
  try {
    const names = [...Deno.readDirSync(target)].map(({ name }) => name);
    return names.includes("tmp") && !names.includes(".vaultik-restore");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}

/** Files that are there whole, and their bytes. */
function wholeBytes(directory: string, original: string): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync(original)) {
    try {
      const [found, wanted] = [Deno.statSync(join(directory, name)), Deno.statSync(join(original, name))];
      if (found.size === wanted.size && found.mtime!.getTime() === wanted.mtime!.getTime()) {
        bytes += found.size;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return bytes;
}

testOfExecutable(
  "a restore that was killed goes on: what is there whole is not fetched again, and the result is equal",
  async () => {
    await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "512KiB" });
    for (let i = 0; i < FILES; i++) {
      await Deno.writeFile(join(scene.tree, `file-${i}`), randomBytes(FILE_BYTES));
    }
    const id = await scene.create();
    const words = (target: string) => ["restore", id, target, "--identity", scene.key, "--json"];
    const startMs = performance.now();
    const full = JSON.parse(await scene.ok(...words(scene.path("whole"))));
    const fullMs = performance.now() - startMs;
    const wanted = await listTree(scene.tree);
    const random = seeded(testSeed());
    let interrupted = 0;
    for (let i = 0; i < KILLS; i++) {
      const target = scene.path(`killed-${i}`);
      const child = start(["--config", scene.config, ...words(target)]);
      const ended = child.output();
      await new Promise((resolve) => setTimeout(resolve, fullMs * random()));
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      const { code } = await ended;
      if (isFinished(target)) {
        assert.deepEqual(await listTree(target + scene.tree), wanted);
        continue;
      }
      assert.notEqual(code, 0);
      interrupted++;
      const there = wholeBytes(target + scene.tree, scene.tree);
      const rest = JSON.parse(await scene.ok(...words(target)));
      assert.deepEqual(await listTree(target + scene.tree), wanted);
      assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["tmp"]);
      const bytes = rest.bytes_fetched + there;
      assert.ok(
        bytes <= 1.05 * full.bytes_fetched,
        `${bytes} of ${full.bytes_fetched} bytes, ${there} were there`,
      );
    }
    assert.ok(interrupted > KILLS / 4, `${interrupted} of ${KILLS} were killed before their end`);
  },
);

Deno.test("another restore does not go on where one was killed", async () => {
  await using scene = await Scene.open();
  await Deno.writeTextFile(join(scene.tree, "a"), "a");
  const [first, second] = [await scene.create(), await scene.create()];
  const target = scene.path("target");
  // A marker alone is a restore that has written nothing yet, which hinders no other.
  await Deno.mkdir(join(target, "tmp"), { recursive: true });
  await Deno.writeTextFile(
    join(target, ".vaultik-restore"),
    JSON.stringify({ snapshot: first, paths: [] }) + "\n",
  );
  assertFails(await scene.restore(second, target), 2, /another restore has begun there/);
  assert.equal((await scene.restore(first, target)).code, 0);
  assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["tmp"]);
});
