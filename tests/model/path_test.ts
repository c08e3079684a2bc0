import assert from "node:assert/strict";
import fc from "fast-check";
import {
  displayPath,
  isAfter,
  isWithin,
  joinPath,
  normalizePath,
  packPaths,
  parentOf,
  pathOf,
  pathOfKey,
  sortKey,
  textOf,
  toTyped,
  typedPath,
} from "../../src/model/path.ts";
import { toLatin1 } from "../../src/base/bytes.ts";
import { fileName, filePath } from "./arbitraries.ts";

interface Tree {
  readonly name: string;
  readonly children: readonly Tree[];
}

const treeName = fc.oneof(fileName, fc.constantFrom("a", "a.", "a-", "a b", "a0", "aa", "b", "\x01", "\xff"));

const { tree } = fc.letrec<{ tree: Tree; leaf: Tree; node: Tree }>((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("node")),
  leaf: fc.record({ name: treeName, children: fc.constant([]) }),
  node: fc.record({
    name: treeName,
    children: fc.uniqueArray(tie("tree"), { selector: (child) => child.name, maxLength: 5 }),
  }),
}));

/** All paths of a tree: a directory, then what is below it, names by their bytes. */
function depthFirst(node: Tree, path: string): string[] {
  const sorted = node.children.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const below = sorted.flatMap((child) => depthFirst(child, (path === "/" ? "" : path) + "/" + child.name));
  return [path, ...below];
}

Deno.test("sortKey() orders paths as a depth-first walk does", () => {
  fc.assert(fc.property(tree, (root) => {
    const walked = depthFirst(root, "/");
    const sorted = walked.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    assert.deepEqual(sorted, walked);
  }));
});

Deno.test("sortKey() puts what is below a directory before its neighbours with lower bytes than `/`", () => {
  const paths = ["/", "/a", "/a/b", "/a/b/c", "/a\x01", "/a b", "/a-", "/a.d", "/a0", "/b"];
  assert.deepEqual(paths.toReversed().sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)), paths);
});

Deno.test("isAfter() says which of two paths comes later in the order of their keys", () => {
  const path = fc.oneof(filePath, tree.map((root) => depthFirst(root, "/").at(-1)!));
  fc.assert(fc.property(path, path, fileName, (one, other, name) => {
    const paths = [one, other, joinPath(one, name), joinPath(one, "a"), joinPath(other, name)];
    for (const a of paths) {
      for (const b of paths) assert.equal(isAfter(a, b), sortKey(a) > sortKey(b), `${a} after ${b}`);
    }
  }));
});

Deno.test("pathOfKey() is the inverse of sortKey()", () => {
  fc.assert(fc.property(filePath, (path) => assert.equal(pathOfKey(sortKey(path)), path)));
});

Deno.test("pathOf() is the inverse of textOf() where there is text", () => {
  fc.assert(fc.property(filePath, (path) => {
    const text = textOf(path);
    if (text !== undefined) assert.equal(pathOf(text), path);
  }));
});

const TEXTS: [path: string, text: string | undefined][] = [
  ["/plain", "/plain"],
  ["/na\xc3\xafve", "/naïve"],
  ["/\xf0\x9f\x98\x80", "/😀"],
  ["\xef\xbb\xbf/with-mark", "\ufeff/with-mark"],
  ["/latin-\xe9", undefined],
  ["/surrogate-\xed\xa0\x80", undefined],
  ["/overlong-\xc0\xaf", undefined],
  ["/cut-\xe2\x82", undefined],
];

for (const [path, text] of TEXTS) {
  Deno.test(`textOf() of ${JSON.stringify(path)} is ${JSON.stringify(text)}`, () => {
    assert.equal(textOf(path), text);
  });
}

const SHOWN: [path: string, shown: string][] = [
  ["/plain name", "/plain name"],
  ["/na\xc3\xafve", "/naïve"],
  ["/new\nline", "/new\\x0aline"],
  ["/escape\x1b[31m", "/escape\\x1b[31m"],
  ["/delete\x7f", "/delete\\x7f"],
  ["/latin-\xe9", "/latin-\\xe9"],
  ["/both-\xff\n", "/both-\\xff\\x0a"],
];

for (const [path, shown] of SHOWN) {
  Deno.test(`displayPath() shows ${JSON.stringify(path)} as ${shown}`, () => {
    assert.equal(displayPath(path), shown);
  });
}

const TYPED: [text: string, path: string][] = [
  ["/plain", "/plain"],
  ["/na\\xefve", "/na\xefve"],
  ["/na\\xEFve/ü", "/na\xefve/\xc3\xbc"],
  ["/new\\x0aline\\x7f", "/new\nline\x7f"],
  // What no message shows so is as it stands, but for the backslash.
  ["/\\x41\\x2f\\x00\\xf", "/\\x41\\x2f\\x00\\xf"],
  ["/\\x5cxff", "/\\xff"],
];

for (const [text, path] of TYPED) {
  Deno.test(`typedPath() reads ${text}`, () => assert.equal(typedPath(text), path));
}

Deno.test("typedPath() is the inverse of displayPath(), where no name looks like one of its bytes", () =>
  fc.assert(fc.property(filePath, (path) => {
    fc.pre(!/\\x[0-9a-f]{2}/i.test(path) && !path.includes("\0"));
    assert.equal(typedPath(displayPath(path)), path);
  })));

Deno.test("typedPath() is the inverse of toTyped()", () => {
  const hard = fc.array(fc.constantFrom("\\", "x", "f", "5", "c", "\xff", "\xc3\xbc", "\n"), { minLength: 1 })
    .map((parts) => "/" + parts.join(""));
  fc.assert(fc.property(fc.oneof(hard, filePath), (path) => {
    fc.pre(!path.includes("\0"));
    assert.equal(typedPath(toTyped(path)), path);
  }));
});

const NORMAL: [path: string, normal: string][] = [
  ["/", "/"],
  ["", "/"],
  ["//", "/"],
  ["/a", "/a"],
  ["a", "/a"],
  ["/a/", "/a"],
  ["//a///b/", "/a/b"],
  ["/a/./b/.", "/a/b"],
  ["/a/../b", "/b"],
  ["/../..", "/"],
  ["/a/../../b", "/b"],
  ["/a/..b/...", "/a/..b/..."],
];

for (const [path, normal] of NORMAL) {
  Deno.test(`normalizePath() makes "${normal}" of "${path}"`, () =>
    assert.equal(normalizePath(path), normal));
}

Deno.test("normalizePath() gives a path without empty parts, `.` and `..`, and leaves such a path alone", () => {
  const part = fc.oneof(fileName, fc.constantFrom("", ".", ".."));
  fc.assert(fc.property(fc.array(part), (parts) => {
    const path = normalizePath(parts.join("/"));
    assert.equal(path[0], "/");
    if (path !== "/") {
      assert.ok(path.slice(1).split("/").every((part) => part !== "" && part !== "." && part !== ".."));
    }
    assert.equal(normalizePath(path), path);
  }));
});

Deno.test("parentOf() undoes joinPath()", () => {
  fc.assert(fc.property(filePath, fileName, (directory, name) => {
    assert.equal(parentOf(joinPath(directory, name)), directory);
  }));
});

const WITHIN: [path: string, directory: string, within: boolean][] = [
  ["/", "/", true],
  ["/a", "/", true],
  ["/", "/a", false],
  ["/a", "/a", true],
  ["/a/b", "/a", true],
  ["/ab", "/a", false],
  ["/a", "/a/b", false],
];

for (const [path, directory, within] of WITHIN) {
  Deno.test(`isWithin() says that ${path} is ${within ? "" : "not "}within ${directory}`, () => {
    assert.equal(isWithin(path, directory), within);
  });
}

Deno.test("packPaths() gives each path's bytes with a NUL behind them, also such as are not UTF-8", () => {
  const paths = ["/a", "/b\xff\xc3", "/" + "d".repeat(5000)];
  assert.equal(toLatin1(packPaths(paths)), "/a\0/b\xff\xc3\0/" + "d".repeat(5000) + "\0");
  assert.equal(packPaths([]).length, 0);
});
