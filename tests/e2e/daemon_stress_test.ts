import assert from "node:assert/strict";
import { join } from "node:path";
import { randomFrom, testSeed } from "../fixtures/random.ts";
import { listTree } from "../fixtures/tree.ts";
import { assertLatestIs, RunningDaemon } from "./daemon.ts";
import { changeAndCompare } from "./daemon_changes.ts";
import { Scene } from "./vaultik.ts";

/** Ten minutes of it: `deno task bench:daemon`. */
const SECONDS = 30;
const DIRECTORIES = 500;
const FILES = 50_000;
const seed = testSeed();

Deno.test(`after each burst of ${SECONDS} seconds of random changes the daemon's snapshot is the tree`, async () => {
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  assert.ok(await changeAndCompare(SECONDS, randomFrom(seed)) > 3);
});

Deno.test(`a daemon that was stopped while ${FILES} files changed in ${DIRECTORIES} directories sees them all`, async () => {
  await using scene = await Scene.open("file", { backup_interval: "1d" });
  for (let i = 0; i < DIRECTORIES; i++) await Deno.mkdir(join(scene.tree, `old-${i}`));
  await using daemon = await RunningDaemon.ready(scene);
  daemon.child.kill("SIGSTOP");
  for (let i = 0; i < FILES; i++) {
    const number = i % DIRECTORIES;
    const directory = join(scene.tree, number % 2 === 0 ? `old-${number}` : `new-${number}/inner`);
    if (i < DIRECTORIES) Deno.mkdirSync(directory, { recursive: true });
    Deno.writeTextFileSync(join(directory, `${i}`), `${i}`);
  }
  daemon.child.kill("SIGCONT");
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
  assert.match(daemon.output, /More changed at once than the kernel can queue/);
  Deno.writeTextFileSync(join(scene.tree, "new-1/inner/1"), "changed again");
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
});
