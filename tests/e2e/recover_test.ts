import assert from "node:assert/strict";
import { join } from "node:path";
import { atLeast } from "../../src/base/at_least.ts";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { missingForRecover, recover, SCRIPT } from "./recover.ts";
import { Scene, testWith } from "./vaultik.ts";

testWith(missingForRecover, "recover.py restores the tree with age and zstd alone", async () => {
  await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
  await makeTree(scene.tree, { bigFile: 90_000_000 });
  const first = await scene.create();
  const before = await listTree(scene.tree);
  await Deno.writeTextFile(join(scene.tree, "many/new"), "new");
  const second = await scene.create();
  const after = await listTree(scene.tree);
  for (const [id, lines] of [[first, before], [second, after]] as const) {
    const target = scene.path(`recovered-${id}`);
    const { code, said } = await recover(scene, id, target);
    assert.equal(code, 0, said);
    assert.deepEqual(await listTree(target + scene.tree), lines);
  }
});

testWith(
  missingForRecover,
  "recover.py names the files that a damaged blob breaks, and restores the others",
  async () => {
    await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
    await makeTree(scene.tree, { smallFiles: 10 });
    const id = await scene.create();
    const lines = await listTree(scene.tree);
    await Deno.remove(firstFile(join(scene.host, "blobs")));
    const target = scene.path("recovered");
    const { code, said } = await recover(scene, id, target);
    assert.equal(code, 1);
    assert.match(said, /cannot open blobs\//);
    const restored = await listTree(target + scene.tree);
    assert.equal(restored.length, lines.length);
    const broken = restored.filter((line, i) => line !== lines[i]);
    assert.ok(broken.length > 0 && broken.length < 100, `${broken.length} of ${lines.length}`);
    assert.ok(said.split("\n").filter((line) => line.endsWith("is damaged")).length >= broken.length);
  },
);

function firstFile(directory: string): string {
  const [entry] = atLeast(1, [...Deno.readDirSync(directory)].sort((a, b) => (a.name < b.name ? -1 : 1)));
  const path = join(directory, entry.name);
  return entry.isDirectory ? firstFile(path) : path;
}

Deno.test("recover.py is no longer than docs say", async () => {
  const lines = (await Deno.readTextFile(SCRIPT)).trimEnd().split("\n");
  assert.ok(lines.length <= 100, `${lines.length} lines`);
});
