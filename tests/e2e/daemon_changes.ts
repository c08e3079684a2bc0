import { listTree } from "../fixtures/tree.ts";
import { RandomChanges } from "../fixtures/random_changes.ts";
import { assertLatestIs, RunningDaemon } from "./daemon.ts";
import { Scene } from "./vaultik.ts";

/** Changes a tree at random for so long, and after each burst makes sure that the daemon's snapshot is the tree. Gives the rounds. */
export async function changeAndCompare(seconds: number, random: () => number): Promise<number> {
  await using scene = await Scene.open("file", { backup_interval: "1d" });
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
