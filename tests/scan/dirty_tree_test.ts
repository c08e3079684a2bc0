import assert from "node:assert/strict";
import { type DirtyNode, type DirtyPaths, dirtyTree } from "../../src/scan/dirty_tree.ts";

const KNOWN = ["/srv", "/srv/a", "/srv/a/b", "/srv/a/b/file", "/srv/z", "/var/log", "/"];

/** `path: look`, for each node that is to be looked at, in the order of a walk. */
function looks(roots: readonly string[], dirty: Partial<DirtyPaths>): string[] {
  const tree = dirtyTree(
    roots,
    { directories: [], subtrees: [], entries: [], ...dirty },
    (path) => KNOWN.includes(path),
  );
  const below = (path: string, node: DirtyNode): string[] => [
    ...(node.look === undefined ? [] : [`${path}: ${node.look}`]),
    ...[...node.children].sort().flatMap(([name, child]) =>
      below(`${path === "/" ? "" : path}/${name}`, child)
    ),
  ];
  return [...tree].sort().flatMap(([root, node]) => below(root, node));
}

const CASES: [what: string, dirty: Partial<DirtyPaths>, found: string[]][] = [
  ["a directory that is known", { directories: ["/srv/a"] }, ["/srv/a: directory"]],
  ["a root", { directories: ["/srv", "/var/log"] }, ["/srv: directory", "/var/log: directory"]],
  ["the nearest known directory above a new one", { directories: ["/srv/a/new/x/y"] }, ["/srv/a: directory"]],
  ["the same for a subtree", { subtrees: ["/srv/new"] }, ["/srv: directory"]],
  ["the same for an entry", { entries: ["/srv/a/b/new"] }, ["/srv/a/b: directory"]],
  ["a subtree that is known", { subtrees: ["/srv/a/b"] }, ["/srv/a/b: subtree"]],
  ["an entry that is known", { entries: ["/srv/a/b/file"] }, ["/srv/a/b/file: entry"]],
  ["the most that is asked for", { entries: ["/srv/a"], directories: ["/srv/a"] }, ["/srv/a: directory"]],
  ["a subtree before its directory", { directories: ["/srv/a"], subtrees: ["/srv/a"] }, ["/srv/a: subtree"]],
  ["paths in other spellings", { directories: ["/srv/./a//b/"] }, ["/srv/a/b: directory"]],
  ["nothing outside of the roots", { directories: ["/var", "/srvx", "/", "/etc/a"] }, []],
  [
    "nodes within nodes",
    { directories: ["/srv/a/b", "/srv"], entries: ["/srv/z"] },
    ["/srv: directory", "/srv/a/b: directory", "/srv/z: entry"],
  ],
];

for (const [what, dirty, found] of CASES) {
  Deno.test(`dirtyTree() has ${what}`, () => assert.deepEqual(looks(["/srv", "/var/log"], dirty), found));
}

Deno.test("dirtyTree() of the root directory has what is anywhere", () =>
  assert.deepEqual(looks(["/"], { directories: ["/srv/a", "/nowhere/x"] }), [
    "/: directory",
    "/srv/a: directory",
  ]));

Deno.test("dirtyTree() has a root that the last backup does not know", () =>
  assert.deepEqual(looks(["/late"], { subtrees: ["/late/sub", "/late"] }), ["/late: subtree"]));
