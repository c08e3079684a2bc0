import assert from "node:assert/strict";
import { join } from "node:path";
import { listTree } from "../fixtures/tree.ts";
import { RandomChanges } from "../fixtures/random_changes.ts";
import { assertLatestIs, RunningDaemon } from "./daemon.ts";
import { Scene } from "./vaultik.ts";

/** Changes a tree at random for so long, and after each burst makes sure that the daemon's snapshot is the tree. Gives the rounds. */
export async function changeAndCompare(
  seconds: number,
  random: () => number,
  watcher = "auto",
): Promise<number> {
  await using scene = await Scene.open("file", { backup_interval: "1d", watcher });
  const outside = scene.path("outside");
  await Deno.mkdir(outside);
  const changes = new RandomChanges(scene.tree, outside, random);
  for (let i = 0; i < 300; i++) changes.change();
  await using daemon = await RunningDaemon.ready(scene);
  const endMs = performance.now() + seconds * 1000;
  let rounds = 0;
  for (; performance.now() < endMs; rounds++) {
    await burst(changes, 1 + Math.floor(random() ** 2 * 400));
    await daemon.runNow();
    await assertLatestIs(scene, await listTree(scene.tree));
    changes.settled();
    await Deno.remove(scene.path(`restored-${rounds}`), { recursive: true });
  }
  return rounds;
}

/** Other things go on between the changes, as the daemon's taking notice of them. */
async function burst(changes: RandomChanges, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    changes.change();
    if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/**
 * Stops a daemon, changes `files` files in `directories` directories, half of them new, and lets it go on: the next snapshot is the tree,
 * though the kernel's queue has overflowed, and what is made new is watched.
 */
export async function changeWhileStopped(files: number, directories: number): Promise<void> {
  await using scene = await Scene.open("file", { backup_interval: "1d" });
  for (let i = 0; i < directories; i += 2) await Deno.mkdir(join(scene.tree, `old-${i}`));
  await using daemon = await RunningDaemon.ready(scene);
  daemon.child.kill("SIGSTOP");
  for (let i = 0; i < files; i++) {
    const number = i % directories;
    const directory = join(scene.tree, number % 2 === 0 ? `old-${number}` : `new-${number}/inner`);
    if (i < directories) Deno.mkdirSync(directory, { recursive: true });
    Deno.writeTextFileSync(join(directory, `${i}`), `${i}`);
  }
  daemon.child.kill("SIGCONT");
  await daemon.runNow();
  await assertLatestIs(scene, await listTree(scene.tree));
  assert.match(daemon.output, /More changed at once than the kernel can queue/);
  await Deno.writeTextFile(join(scene.tree, "new-1/inner/1"), "changed again");
  await daemon.runNow();
  await scene.ok(
    "restore",
    "latest",
    scene.path("one"),
    join(scene.tree, "new-1/inner/1"),
    "--identity",
    scene.key,
  );
  assert.equal(
    await Deno.readTextFile(scene.path("one") + join(scene.tree, "new-1/inner/1")),
    "changed again",
  );
}
