import assert from "node:assert/strict";
import { join } from "node:path";
import { findRclone, makeRemotes } from "../fixtures/rclone.ts";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { assertFails, Scene, testWith } from "./vaultik.ts";

const program = findRclone();
const missing = program === undefined ? "rclone" : undefined;

testWith(missing, "what is backed up to a remote of rclone is verified and comes back", async () => {
  await using remotes = await makeRemotes(program!);
  await using scene = await Scene.open("file", {
    storage_url: "rclone://disk/hosts/web1",
    chunk_size: "64KiB",
    blob_size_limit: "1MiB",
  });
  scene.env = { RCLONE_CONFIG: remotes.config };
  await makeTree(scene.tree, { bigFile: 3_000_000 });
  const before = await listTree(scene.tree);
  const first = await scene.create();
  await Deno.writeTextFile(join(scene.tree, "added"), "added");
  const after = await listTree(scene.tree);
  const second = await scene.create();
  for (const [id, lines] of [[first, before], [second, after]] as const) {
    await scene.ok("snapshot", "verify", id, "--deep", "--identity", scene.key);
    assert.deepEqual(await scene.restored(id), lines);
  }
  assert.deepEqual((await scene.list()).map(({ id }) => id), [first, second]);

  // As on a disk that is not mounted: the store is not made again beside what the index knows.
  await Deno.rename(join(remotes.directory, "data"), join(remotes.directory, "away"));
  const gone = await scene.run("snapshot", "create");
  assertFails(gone, 2, /Cannot open "rclone:\/\/disk\/hosts\/web1" as a store: no such directory/);
});
