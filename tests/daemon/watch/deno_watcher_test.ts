import assert from "node:assert/strict";
import { BlindWatcher } from "../../../src/daemon/watch/blind_watcher.ts";
import { DenoWatcher } from "../../../src/daemon/watch/deno_watcher.ts";
import type { WatchOptions } from "../../../src/daemon/watch/watcher.ts";
import { area, type Dirty, sees, Watched } from "./watched.ts";

const withDeno = (options: WatchOptions) => Promise.resolve(new DenoWatcher(options));

/** Deno tells of a change some time after it. */
async function eventually(watched: Watched, isSeen: (dirty: Dirty) => boolean): Promise<void> {
  const all: Dirty = { directories: [], subtrees: [], count: 0 };
  for (let tries = 0; !isSeen(all); tries++) {
    assert.ok(tries < 100, JSON.stringify(all));
    const { directories, subtrees } = await watched.dirty();
    all.directories.push(...directories);
    all.subtrees.push(...subtrees);
  }
}

Deno.test("Deno.watchFs: changes, new directories and removals are seen; excluded and quiet ones are no reason", async () => {
  await using watched = new Watched().make("tree/a", "tree/cache", "tree/.git");
  const areas = [area({ roots: [watched.path("tree")], exclude: ["cache/"] })];
  await watched.watch(areas, undefined, withDeno);
  watched.write("tree/a/file");
  watched.make("tree/new/deep");
  await eventually(watched, (dirty) => sees(dirty, "tree/a/file") && sees(dirty, "tree/new/deep"));
  watched.write("tree/cache/file");
  watched.write("tree/.git/file");
  assert.equal((await watched.dirty()).count, 0);
  Deno.removeSync(watched.path("tree/a"), { recursive: true });
  await eventually(watched, (dirty) => sees(dirty, "tree/a"));
});

Deno.test("Deno.watchFs: a root that appears is dirty, and watched from then on", async () => {
  await using watched = new Watched();
  const watcher = await watched.watch([area({ roots: [watched.path("root")] })], undefined, withDeno);
  assert.equal((await watched.dirty()).count, 0);
  watched.make("root");
  assert.deepEqual((await watched.dirty()).subtrees, ["root"]);
  watched.write("root/file");
  await eventually(watched, (dirty) => sees(dirty, "root/file"));
  assert.deepEqual(watcher.state.roots.map(({ isThere }) => isThere), [true]);
});

Deno.test("Deno.watchFs: a burst may have lost events, so everything is dirty", async () => {
  await using watched = new Watched().make("tree/a");
  await watched.watch([area({ roots: [watched.path("tree")] })], undefined, withDeno);
  for (let i = 0; i < 2_500; i++) watched.write(`tree/a/${i}`);
  await eventually(watched, ({ subtrees }) => subtrees.includes("tree"));
});

Deno.test("where nothing can be watched everything is dirty each time, which is said once", async () => {
  await using watched = new Watched().make("tree");
  const watcher = await watched.watch(
    [area({ roots: [watched.path("tree")] })],
    undefined,
    (options) => Promise.resolve(new BlindWatcher(options, "too many open files")),
  );
  for (const _ of "12") assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
  assert.equal(watched.warnings.length, 1);
  assert.deepEqual(watcher.state.unwatched, [{ path: watched.path("tree"), reason: "too many open files" }]);
});
