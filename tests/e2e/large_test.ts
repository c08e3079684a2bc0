import assert from "node:assert/strict";
import { join } from "node:path";
import { makeSmallTree } from "../../bench/trees.ts";
import { findVersitygw, startVersitygw } from "../fixtures/s3_server.ts";
import { listTree } from "../fixtures/tree.ts";
import { missingForRecover, recover } from "./recover.ts";
import { hasProgram, Scene, type SceneStore, storeSettings, testWith } from "./vaultik.ts";

// A large tree: the one that VAULTIK_TEST_TREE names, or, where that is "make", one of our own, of VAULTIK_TEST_FILES files.

const FILES = Number(Deno.env.get("VAULTIK_TEST_FILES") ?? 100_000);
const chosen = Deno.env.get("VAULTIK_TEST_TREE");
const missing = chosen ? undefined : "VAULTIK_TEST_TREE";
const versitygw = findVersitygw();

async function largeScene(store: SceneStore): Promise<{ scene: Scene; tree: string }> {
  const scene = await Scene.open(store);
  const tree = chosen === "make" ? scene.tree : await Deno.realPath(chosen!);
  if (chosen === "make") makeSmallTree(tree, FILES);
  const settings = { ...storeSettings(store, scene.store), snapshots: { main: { paths: [tree] } } };
  await scene.configure(settings);
  return { scene, tree };
}

async function assertSame(tree: string, restored: string): Promise<void> {
  if (hasProgram("rsync", "--version")) {
    const { stdout, stderr } = await new Deno.Command("rsync", {
      args: ["-aHAXn", "--itemize-changes", "--checksum", "--delete", `${tree}/`, `${restored}/`],
    }).output();
    assert.equal(new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr), "");
  }
  const [lines, wanted] = [await listTree(restored), await listTree(tree)];
  assert.equal(lines.length, wanted.length);
  const different = wanted.filter((line, i) => line !== lines[i]);
  assert.deepEqual(different.slice(0, 10), []);
}

testWith(missing, "a large tree comes back from a file store, by the program", async () => {
  const { scene, tree } = await largeScene("file");
  await using _ = scene;
  const id = await scene.create();
  const result = await scene.restore(id, scene.path("restored"));
  assert.equal(result.code, 0, result.stderr);
  await assertSame(tree, scene.path("restored") + tree);
});

testWith(
  missing ?? missingForRecover,
  "a large tree comes back from a file store, by recover.py",
  async () => {
    const { scene, tree } = await largeScene("file");
    await using _ = scene;
    const id = await scene.create();
    const { code, said } = await recover(scene, id, scene.path("recovered"));
    assert.equal(code, 0, said);
    await assertSame(tree, scene.path("recovered") + tree);
  },
);

const missingForS3 = missing ?? (versitygw === undefined ? "versitygw" : undefined);
testWith(missingForS3, "a large tree comes back from versitygw, by the program", async () => {
  await using server = await startVersitygw(versitygw!);
  const { scene, tree } = await largeScene({ server, prefix: "large" });
  await using _ = scene;
  const id = await scene.create();
  const result = await scene.restore(id, scene.path("restored"));
  assert.equal(result.code, 0, result.stderr);
  await assertSame(tree, scene.path("restored") + tree);
});

testWith(missing, "a large tree: an index that was lost and rebuilt uploads no data again", async () => {
  const { scene } = await largeScene("file");
  await using _ = scene;
  await scene.create();
  const before = await listTree(join(scene.host, "blobs"));
  await Deno.remove(scene.index);
  const began = performance.now();
  await scene.ok("index", "rebuild", "--identity", scene.key);
  const rebuilt = performance.now();
  const { bytes_new: bytesNew } = JSON.parse(await scene.ok("snapshot", "create", "--json"));
  console.log(
    `rebuild ${Math.round(rebuilt - began)} ms, next backup ${Math.round(performance.now() - rebuilt)} ms`,
  );
  assert.equal(bytesNew, 0);
  assert.deepEqual(await listTree(join(scene.host, "blobs")), before);
});
