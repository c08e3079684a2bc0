import assert from "node:assert/strict";
import { join } from "node:path";
import { listTree, makeTree } from "../fixtures/tree.ts";
import { missingForRecover, recover } from "./recover.ts";
import { Scene, testOfExecutable, testWith } from "./vaultik.ts";

/** Files below a directory, largest first. */
function filesBelow(directory: string): string[] {
  const files = [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(directory, name)) : [join(directory, name)]
  );
  return files.sort((a, b) => Deno.statSync(b).size - Deno.statSync(a).size);
}

testOfExecutable(
  "repair heals lost blobs and pages for all snapshots, says so, and verify finds nothing",
  async () => {
    await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
    await makeTree(scene.tree, { bigFile: 9_000_000 });
    const first = await scene.create();
    const whole = await listTree(scene.tree);
    await Deno.writeTextFile(join(scene.tree, "added"), "added");
    const second = await scene.create();
    for (const blob of filesBelow(join(scene.host, "blobs")).slice(0, 3)) await Deno.remove(blob);
    assert.equal((await scene.run("snapshot", "verify")).code, 5);
    const planned = await scene.run("repair", "--dry-run");
    assert.deepEqual(
      [planned.code, /^Nothing was changed$/m.test(planned.stdout)],
      [5, true],
      planned.stderr,
    );
    assert.equal((await scene.run("snapshot", "verify")).code, 5, "a dry run changes nothing");
    const { healed, left, backups } = JSON.parse(await scene.ok("repair", "--json"));
    assert.deepEqual([healed.sort(), left, backups.length], [[first, second].sort(), [], 1]);
    await scene.ok("snapshot", "verify", "--deep", "--identity", scene.key);
    assert.deepEqual(await scene.restored(first), whole);
    assert.deepEqual(await scene.restored(backups[0]), await listTree(scene.tree));
    assert.match(await scene.ok("repair"), /^Nothing is damaged$/m);
  },
);

testWith(missingForRecover, "recover.py restores a snapshot that was repaired", async () => {
  await using scene = await Scene.open("file", { chunk_size: "64KiB", blob_size_limit: "1MiB" });
  await makeTree(scene.tree, { bigFile: 90_000_000 });
  const first = await scene.create();
  const whole = await listTree(scene.tree);
  for (let round = 0; round < 2; round++) {
    for (const blob of filesBelow(join(scene.host, "blobs")).slice(0, 4)) await Deno.remove(blob);
    await scene.ok("repair");
  }
  const { code, said } = await recover(scene, first, scene.path("recovered"));
  assert.deepEqual([code, said], [0, ""]);
  assert.deepEqual(await listTree(scene.path("recovered") + scene.tree), whole);
});
