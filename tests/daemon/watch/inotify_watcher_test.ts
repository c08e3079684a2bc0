import assert from "node:assert/strict";
import { InotifyWatcher } from "../../../src/daemon/watch/inotify_watcher.ts";
import type { Mounts } from "../../../src/daemon/watch/mounts.ts";
import { Inotify } from "../../../src/platform/inotify.ts";
import { ENOSPC } from "../../../src/platform/libc.ts";
import { SystemError } from "../../../src/platform/read.ts";
import { area, Watched } from "./watched.ts";

Deno.test("a change marks its directory, once, and nothing else", async () => {
  await using watched = new Watched().make("tree/a/b", "tree/c");
  await watched.watch([area({ roots: [watched.path("tree")] })]);
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
  watched.write("tree/a/b/file");
  watched.write("tree/a/b/other");
  assert.deepEqual(await watched.dirty(), { directories: ["tree/a/b"], subtrees: [], count: 1 });
  Deno.chmodSync(watched.path("tree/c"), 0o700);
  assert.deepEqual((await watched.dirty()).directories, ["tree", "tree/c"]);
  Deno.chmodSync(watched.path("tree/a/b/file"), 0o600);
  Deno.removeSync(watched.path("tree/a/b/other"));
  assert.deepEqual((await watched.dirty()).directories, ["tree/a/b"]);
  Deno.renameSync(watched.path("tree/a/b/file"), watched.path("tree/c/file"));
  assert.deepEqual((await watched.dirty()).directories, ["tree/a/b", "tree/c"]);
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
});

Deno.test("a new directory is dirty with all in it, and is watched from then on", async () => {
  await using watched = new Watched().make("tree");
  await watched.watch([area({ roots: [watched.path("tree")] })]);
  watched.make("tree/new/deep/er");
  watched.write("tree/new/deep/er/file");
  const dirty = await watched.dirty();
  assert.deepEqual([dirty.directories, dirty.subtrees], [["tree"], ["tree/new"]]);
  watched.write("tree/new/deep/er/file", "changed");
  assert.deepEqual((await watched.dirty()).directories, ["tree/new/deep/er"]);
});

Deno.test("changes in a directory that was moved are reported under its new path", async () => {
  await using watched = new Watched().make("tree/a/b", "tree/c");
  const watcher = await watched.watch([area({ roots: [watched.path("tree")] })]);
  Deno.renameSync(watched.path("tree/a"), watched.path("tree/c/moved"));
  const dirty = await watched.dirty();
  assert.deepEqual([dirty.directories, dirty.subtrees], [["tree", "tree/c"], ["tree/c/moved"]]);
  assert.equal(watcher.state.directories, 4);
  watched.write("tree/c/moved/b/file");
  assert.deepEqual((await watched.dirty()).directories, ["tree/c/moved/b"]);
});

Deno.test("a directory that was moved out is watched no more, and is dirty when it comes back", async () => {
  await using watched = new Watched().make("tree/a/b", "outside");
  const watcher = await watched.watch([area({ roots: [watched.path("tree")] })]);
  Deno.renameSync(watched.path("tree/a"), watched.path("outside/a"));
  assert.deepEqual((await watched.dirty()).directories, ["tree"]);
  assert.equal(watcher.state.directories, 1);
  watched.write("outside/a/b/file");
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
  Deno.renameSync(watched.path("outside/a"), watched.path("tree/a"));
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/a"]);
});

Deno.test("a directory that takes the name of another is watched in its place", async () => {
  await using watched = new Watched().make("tree/a/old", "tree/b/new");
  await watched.watch([area({ roots: [watched.path("tree")] })]);
  Deno.renameSync(watched.path("tree/a"), watched.path("tree/c"));
  Deno.renameSync(watched.path("tree/b"), watched.path("tree/a"));
  await watched.dirty();
  watched.write("tree/a/new/file");
  watched.write("tree/c/old/file");
  assert.deepEqual((await watched.dirty()).directories, ["tree/a/new", "tree/c/old"]);
});

Deno.test("what is excluded is not watched, and its names mark nothing but that the directory changed", async () => {
  await using watched = new Watched().make("tree/cache/deep", "tree/src");
  const exclude = [`${watched.path("tree/cache")}/`, "*.tmp"];
  const watcher = await watched.watch([area({ roots: [watched.path("tree")], exclude })]);
  assert.equal(watcher.state.directories, 2);
  watched.write("tree/cache/deep/file");
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
  watched.write("tree/src/a.tmp");
  assert.deepEqual(
    await watched.dirty(),
    { directories: ["tree/src"], subtrees: [], count: 0 },
    "its time did",
  );
  watched.write("tree/src/a.tmp", "again");
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
});

Deno.test("changes below .git and node_modules are kept, but are no reason for a run", async () => {
  await using watched = new Watched().make("tree/.git/objects", "tree/node_modules/x");
  await watched.watch([area({ roots: [watched.path("tree")] })]);
  watched.write("tree/.git/objects/file");
  watched.make("tree/node_modules/x/y");
  const dirty = await watched.dirty();
  assert.deepEqual(dirty, {
    directories: ["tree/.git/objects", "tree/node_modules/x"],
    subtrees: ["tree/node_modules/x/y"],
    count: 0,
  });
  watched.write("tree/file");
  assert.equal((await watched.dirty()).count, 1);
});

Deno.test("a root that is itself called .git is not quiet", async () => {
  await using watched = new Watched().make(".git/objects");
  await watched.watch([area({ roots: [watched.path(".git")] })]);
  watched.write(".git/objects/file");
  assert.equal((await watched.dirty()).count, 1);
});

Deno.test("each area hears of its own directories, also where one's root is in another", async () => {
  await using watched = new Watched().make("tree/a", "tree/b");
  const watcher = await watched.watch([
    area({ name: "all", roots: [watched.path("tree")], exclude: ["a/"] }),
    area({ name: "part", roots: [watched.path("tree/a")] }),
  ]);
  assert.equal(watcher.state.directories, 3);
  watched.write("tree/a/file");
  watched.write("tree/b/file");
  assert.deepEqual((await watched.dirty("all")).directories, ["tree/b"]);
  assert.deepEqual((await watched.dirty("part")).directories, ["tree/a"]);
});

Deno.test("a root that is not there is watched when it appears, and dirty when it goes", async () => {
  await using watched = new Watched();
  const watcher = await watched.watch([area({ roots: [watched.path("later/root")] })]);
  assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
  assert.deepEqual(watcher.state.roots.map(({ isThere }) => isThere), [false]);
  watched.make("later/root/a");
  assert.deepEqual((await watched.dirty()).subtrees, ["later/root"]);
  watched.write("later/root/a/file");
  assert.deepEqual((await watched.dirty()).directories, ["later/root/a"]);
  Deno.removeSync(watched.path("later"), { recursive: true });
  assert.deepEqual((await watched.dirty()).subtrees, ["later/root"]);
  watched.make("later/root/b");
  assert.deepEqual((await watched.dirty()).subtrees, ["later/root"]);
  watched.write("later/root/b/file");
  assert.deepEqual((await watched.dirty()).directories, ["later/root/b"]);
});

Deno.test("a root whose parent was replaced is watched again", async () => {
  await using watched = new Watched().make("one/root", "two/root");
  await watched.watch([area({ roots: [watched.path("one/root")] })]);
  Deno.renameSync(watched.path("one"), watched.path("three"));
  Deno.renameSync(watched.path("two"), watched.path("one"));
  assert.deepEqual((await watched.dirty()).subtrees, ["one/root"]);
  watched.write("one/root/file");
  assert.deepEqual((await watched.dirty()).directories, ["one/root"]);
  watched.write("three/root/file");
  assert.deepEqual((await watched.dirty()).count, 0);
});

Deno.test("a root that is a file is compared", async () => {
  await using watched = new Watched();
  watched.write("file");
  await watched.watch([area({ roots: [watched.path("file")] })]);
  assert.equal((await watched.dirty()).count, 0);
  watched.write("file", "changed");
  assert.deepEqual((await watched.dirty()).subtrees, ["file"]);
});

Deno.test("a directory becomes a cache and is none again: dirty with all in it; in a cache nothing is a reason", async () => {
  await using watched = new Watched().make("tree/cache/deep");
  await watched.watch([area({ roots: [watched.path("tree")], excludeCaches: true })]);
  watched.write("tree/cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/cache"]);
  watched.write("tree/cache/deep/file");
  assert.equal((await watched.dirty()).count, 0);
  watched.write("tree/cache/file");
  assert.equal((await watched.dirty()).count, 0);
  Deno.removeSync(watched.path("tree/cache/CACHEDIR.TAG"));
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/cache"]);
  watched.write("tree/cache/deep/file", "changed");
  assert.deepEqual((await watched.dirty()).directories, ["tree/cache/deep"]);
});

/** An inotify that behaves as the test says. */
class Odd extends Inotify {
  overflows = false;
  limit = Infinity;
  watches = new Set<number>();
  override add(path: string): number {
    if (this.watches.size >= this.limit) throw new SystemError(ENOSPC);
    const watch = super.add(path);
    this.watches.add(watch);
    return watch;
  }
  override remove(watch: number): void {
    this.watches.delete(watch);
    super.remove(watch);
  }
  override read() {
    const events = super.read();
    if (!this.overflows || events.length === 0) return events;
    this.overflows = false;
    return [{ watch: -1, mask: 0x4000, name: "" }];
  }
}

Deno.test("lost events make everything dirty once, and what was made meanwhile is watched", async () => {
  await using watched = new Watched().make("tree/a");
  const inotify = new Odd();
  await watched.watch([area({ roots: [watched.path("tree")] })], { inotify });
  inotify.overflows = true;
  watched.make("tree/a/new");
  assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
  assert.match(watched.warnings.join(), /max_queued_events/);
  assert.equal((await watched.dirty()).count, 0);
  watched.write("tree/a/new/file");
  assert.deepEqual((await watched.dirty()).directories, ["tree/a/new"]);
});

Deno.test("where the user may not watch so many directories, the root is scanned at each interval", async () => {
  await using watched = new Watched().make("small", "tree/a", "tree/b", "tree/c");
  const inotify = new Odd();
  inotify.limit = 3;
  const watcher = await watched.watch(
    [area({ roots: [watched.path("small"), watched.path("tree")] })],
    { inotify },
  );
  assert.deepEqual(watched.warnings.length, 1);
  assert.match(watched.warnings[0]!, /tree".*sysctl fs\.inotify\.max_user_watches=/);
  assert.equal(watcher.state.directories, 1, "the watches of the root are given back");
  for (const _ of "12") assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
  watched.write("small/file");
  assert.deepEqual(await watched.dirty(), { directories: ["small"], subtrees: ["tree"], count: 2 });
  assert.equal(watched.warnings.length, 1);
});

function mount(path: string, id: string, type = "ext4", device = 1): Mounts {
  return new Map([[path, { path, id, type, device }]]);
}

Deno.test("a mount below a root makes its path dirty and renews the watches there", async () => {
  await using watched = new Watched().make("tree/disk/a");
  let mounts: Mounts = new Map();
  await watched.watch([area({ roots: [watched.path("tree")] })], { mounts: () => mounts });
  mounts = mount(watched.path("tree/disk"), "7");
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/disk"]);
  assert.equal((await watched.dirty()).count, 0);
  mounts = new Map();
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/disk"]);
  watched.write("tree/disk/a/file");
  assert.deepEqual((await watched.dirty()).directories, ["tree/disk/a"]);
});

Deno.test("a network file system is scanned at each interval", async () => {
  await using watched = new Watched().make("tree/remote/a");
  const { dev } = Deno.statSync(watched.directory);
  const minor = (dev & 0xff) | ((Math.floor(dev / 2 ** 12)) & 0xfff00);
  const device = ((dev >> 8) & 0xfff) * 2 ** 32 + minor;
  const mounts = mount(watched.path("tree"), "7", "nfs4", device);
  await watched.watch([area({ roots: [watched.path("tree")] })], { mounts: () => mounts });
  assert.match(watched.warnings[0]!, /nfs4/);
  for (const _ of "12") assert.deepEqual((await watched.dirty()).subtrees, ["tree"]);
});

Deno.test("closing ends a watcher that waits", async () => {
  await using watched = new Watched().make("tree");
  const watcher = await InotifyWatcher.open({
    areas: [area({ roots: [watched.path("tree")] })],
    quietNames: [],
    sink: { directory() {}, subtree() {}, warning() {} },
  });
  await watcher[Symbol.asyncDispose]();
});

/** An inotify that takes its time to add a watch, and knows what was asked of it when it was closed. */
class Slow extends Inotify {
  adds = 0;
  readonly afterwards: string[] = [];
  #isClosed = false;
  override add(path: string): number {
    this.adds++;
    if (this.#isClosed) this.afterwards.push("add");
    for (const startMs = performance.now(); performance.now() - startMs < 2;);
    return super.add(path);
  }
  override read() {
    if (this.#isClosed) this.afterwards.push("read");
    return super.read();
  }
  override async close(): Promise<void> {
    await super.close();
    this.#isClosed = true;
  }
}

Deno.test("closing while new directories are being watched ends well, and asks nothing of descriptors that are closed", async () => {
  await using watched = new Watched().make("tree");
  for (let i = 0; i < 50; i++) watched.make(`new/${i}`);
  const inotify = new Slow();
  const watcher = await watched.watch([area({ roots: [watched.path("tree")] })], { inotify });
  Deno.renameSync(watched.path("new"), watched.path("tree/new"));
  while (inotify.adds < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(inotify.adds < 50, "they are still being watched");
  await watcher[Symbol.asyncDispose]();
  assert.deepEqual(inotify.afterwards, []);
});
