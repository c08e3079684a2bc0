import assert from "node:assert/strict";
import { BlindWatcher } from "../../../src/daemon/watch/blind_watcher.ts";
import { burstMax, DenoWatcher } from "../../../src/daemon/watch/deno_watcher.ts";
import type { WatchOptions } from "../../../src/daemon/watch/watcher.ts";
import { area, sees, Watched } from "./watched.ts";

const withDeno = (options: WatchOptions) => Promise.resolve(new DenoWatcher(options));

Deno.test("Deno.watchFs: changes, new directories and removals are seen; excluded and quiet ones are no reason", async () => {
  await using watched = new Watched().make("tree/a", "tree/cache", "tree/.git");
  const areas = [area({ roots: [watched.path("tree")], exclude: ["cache/"] })];
  await watched.watch(areas, undefined, withDeno);
  watched.write("tree/a/file");
  watched.make("tree/new/deep");
  const dirty = await watched.dirty();
  assert.ok(sees(dirty, "tree/a/file") && sees(dirty, "tree/new/deep"), JSON.stringify(dirty));
  watched.write("tree/cache/file");
  watched.write("tree/.git/file");
  assert.equal((await watched.dirty()).count, 0);
  Deno.removeSync(watched.path("tree/a"), { recursive: true });
  assert.ok(sees(await watched.dirty(), "tree/a"));
});

Deno.test("Deno.watchFs: a root that appears is dirty, and watched from then on", async () => {
  await using watched = new Watched();
  const watcher = await watched.watch([area({ roots: [watched.path("root")] })], undefined, withDeno);
  assert.equal((await watched.dirty()).count, 0);
  watched.make("root");
  assert.deepEqual((await watched.dirty()).subtrees, ["root"]);
  watched.write("root/file");
  assert.ok(sees(await watched.dirty(), "root/file"));
  assert.deepEqual(watcher.state.roots.map(({ isThere }) => isThere), [true]);
});

Deno.test("Deno.watchFs: a burst may have lost events, so everything is dirty", async () => {
  await using watched = new Watched().make("tree/a");
  await watched.watch([area({ roots: [watched.path("tree")] })], undefined, withDeno);
  for (let i = 0; i < 2_500; i++) watched.write(`tree/a/${i}`);
  assert.ok((await watched.dirty()).subtrees.includes("tree"));
});

Deno.test("Deno.watchFs before 2.9 may have lost events of a small burst; of later ones it is known", async () => {
  assert.deepEqual(["2.6.10", "2.8.3", "2.9.0", "3.0.0"].map(burstMax), [8, 8, 4096, 4096]);
  await using watched = new Watched().make("tree/a");
  const open = (options: WatchOptions) =>
    Promise.resolve(new DenoWatcher(options, { denoVersion: "2.6.10" }));
  await watched.watch([area({ roots: [watched.path("tree")] })], undefined, open);
  for (let i = 0; i < 10; i++) watched.write(`tree/a/${i}`);
  assert.ok((await watched.dirty()).subtrees.includes("tree"));
});

Deno.test("Deno.watchFs: its own file for finding out what was delivered is no change, and may be cleared away", async () => {
  await using watched = new Watched().make("tree/tmp");
  const temporary = watched.path("tree/tmp");
  const open = (options: WatchOptions) => Promise.resolve(new DenoWatcher(options, { temporary }));
  await watched.watch([area({ roots: [watched.path("tree")] })], undefined, open);
  for (const _ of "12") assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
  for (const { name } of Deno.readDirSync(temporary)) {
    Deno.removeSync(`${temporary}/${name}`, { recursive: true });
  }
  assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
  watched.write("tree/file");
  assert.ok(sees(await watched.dirty(), "tree/file"));
});

Deno.test("Deno.watchFs: where no file of its own can be made everything is dirty each time, from the start or later", async () => {
  await using watched = new Watched().make("tree", "tmp");
  const temporary = watched.path("tmp");
  const open = (options: WatchOptions) => Promise.resolve(new DenoWatcher(options, { temporary }));
  await watched.watch([area({ roots: [watched.path("tree")] })], undefined, open);
  assert.equal((await watched.dirty()).count, 0);
  Deno.removeSync(temporary, { recursive: true });
  for (const _ of "123") assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
  assert.equal(watched.warnings.length, 1);
  const from = { areas: [area({ roots: [watched.path("tree")] })], quietNames: [] };
  const subtrees: string[] = [];
  const sink = {
    directory() {},
    subtree: (_: unknown, path: string) => void subtrees.push(path),
    warning() {},
  };
  await using watcher = new DenoWatcher({ ...from, sink }, { temporary });
  subtrees.length = 0;
  await watcher.catchUp();
  assert.deepEqual(subtrees, [watched.path("tree")]);
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
