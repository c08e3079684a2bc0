import assert from "node:assert/strict";
import { DIRECTORIES_MAX, DirtySet } from "../../src/daemon/dirty_set.ts";

Deno.test("DirtySet folds: a directory counts once, and not within a dirty subtree", () => {
  const dirty = new DirtySet(["/srv"]);
  for (const _ of "123") dirty.addDirectory("/srv/a");
  dirty.addDirectory("/srv/b/c");
  dirty.addDirectory("/srv/bc");
  dirty.addSubtree("/srv/b");
  dirty.addSubtree("/srv/b/d");
  const { directories, subtrees, everything } = dirty.take();
  assert.deepEqual([directories, subtrees, everything], [["/srv/a", "/srv/bc"], ["/srv/b"], false]);
  assert.equal(dirty.count, 0);
});

Deno.test("quiet changes are taken, but are no reason for a run, until they are changes of the other kind too", () => {
  const dirty = new DirtySet(["/"]);
  dirty.addDirectory("/a", { isQuiet: true });
  dirty.addSubtree("/b", { isQuiet: true });
  assert.equal(dirty.count, 0);
  dirty.addDirectory("/a");
  dirty.addDirectory("/a", { isQuiet: true });
  assert.equal(dirty.count, 1);
  assert.deepEqual(dirty.take().subtrees, ["/b"]);
});

Deno.test("a flood collapses to the root that it is in", () => {
  const dirty = new DirtySet(["/home", "/srv"]);
  for (let i = 0; i < DIRECTORIES_MAX - 1; i++) dirty.addDirectory(`/srv/${i}`);
  dirty.addDirectory("/home/a");
  assert.deepEqual([dirty.directories, dirty.subtrees], [DIRECTORIES_MAX, 0]);
  dirty.addDirectory("/srv/one/more");
  const { directories, subtrees } = dirty.take();
  assert.deepEqual([directories, subtrees], [["/home/a"], ["/srv"]]);
});

Deno.test("a quiet flood stays quiet", () => {
  const dirty = new DirtySet(["/srv"]);
  for (let i = 0; i <= DIRECTORIES_MAX; i++) dirty.addDirectory(`/srv/.git/${i}`, { isQuiet: true });
  assert.equal(dirty.count, 0);
  assert.deepEqual(dirty.take().subtrees, ["/srv"]);
});

Deno.test("what a failed run had taken is put back beside what changed since", () => {
  const dirty = new DirtySet(["/srv"]);
  dirty.addDirectory("/srv/a");
  const taken = dirty.take();
  dirty.addDirectory("/srv/b");
  dirty.putBack(taken);
  assert.deepEqual(dirty.take().directories.toSorted(), ["/srv/a", "/srv/b"]);
  dirty.addEverything();
  const all = dirty.take();
  assert.ok(all.everything);
  dirty.addDirectory("/srv/c");
  dirty.putBack(all);
  assert.deepEqual(dirty.take(), { everything: true, directories: [], subtrees: [], count: 1 });
});

Deno.test("the file system's root as a dirty subtree is everything below it", () => {
  const dirty = new DirtySet(["/"]);
  dirty.addDirectory("/a/b");
  dirty.addSubtree("/");
  const { directories, subtrees } = dirty.take();
  assert.deepEqual([directories, subtrees], [[], ["/"]]);
});
