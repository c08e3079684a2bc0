import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../../src/base/digest.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { encodePage } from "../../../src/model/page.ts";
import { findLines } from "../../../src/model/page_search.ts";
import type { PageRef } from "../../../src/model/page_refs.ts";
import { sortKey } from "../../../src/model/path.ts";
import { parsePathPattern, passes } from "../../../src/model/path_pattern.ts";
import type { BrowsedSnapshot } from "../../../src/operations/browse/open_snapshot.ts";
import { findVersions, type Version } from "../../../src/operations/browse/versions.ts";
import { topOf } from "../../../src/read/snapshot_top.ts";

const NAMES = [
  "a.conf",
  "b.txt",
  'q"uote.conf',
  "back\\slash.conf",
  "\xc3\xa9.conf",
  "\xff.conf",
  "new\nline.conf",
];
const PATHS = ["d", "e", "e/f"].flatMap((directory) => NAMES.map((name) => `/${directory}/${name}`)).sort((
  a,
  b,
) => sortKey(a) < sortKey(b) ? -1 : 1);
const PATTERNS = ["*.conf", "a*", "*", "/e/**/*.conf", "/d/b.txt", "\xe9*", "?.conf", "none", "*\\xff*"];

/** By path, what it is in one snapshot. */
type Tree = ReadonlyMap<string, number>;

function entryOf(path: string, version: number): Entry {
  const chunk = {
    blob: sha256Hex(Uint8Array.of(9)),
    blobSize: 9,
    offset: version,
    length: 1,
    id: idOf(`${version}`),
  };
  return { path, kind: "file", mode: 0o644, uid: 0, gid: 0, mtime: `${version}`, size: 1, chunks: [chunk] };
}

function idOf(text: string): string {
  return sha256Hex(new TextEncoder().encode(text));
}

/** Snapshots in memory, whose pages and lists of pages are as long as `lengths` say. */
class History {
  readonly pages = new Map<string, Uint8Array>();
  readonly lists = new Map<string, readonly PageRef[]>();
  readonly lostPages = new Set<string>();
  readonly read: string[] = [];

  snapshot(tree: Tree, pageLength: number, listLength: number): BrowsedSnapshot {
    const entries = PATHS.flatMap((path) => tree.has(path) ? [entryOf(path, tree.get(path)!)] : []);
    const pages = parts(entries, pageLength).map((some) => this.#page(some));
    const lists = parts(pages, listLength).map((some) => this.#list(some));
    const tail = lists.length > 1 ? this.lists.get(lists.pop()!.id)! : [];
    return {
      snapshot: { pageLists: lists, pages: tail },
      top: topOf({ pageLists: lists, pages: tail }),
      pagesInEach: (lists: readonly PageRef[]) =>
        Promise.resolve(lists.map(({ id }) => this.#once(this.lists.get(id)!, id))),
      search: (refs: readonly PageRef[], test: Parameters<typeof findLines>[1]) =>
        Promise.resolve(refs.map(({ id }) => this.#searched(id, test))),
    } as unknown as BrowsedSnapshot;
  }

  #searched(id: string, test: Parameters<typeof findLines>[1]) {
    const page = this.#once(this.pages.get(id)!, id);
    return this.lostPages.has(id)
      ? new CorruptionError("lost")
      : findLines(new TextDecoder().decode(page), test);
  }

  #once<T>(value: T, id: string): T {
    this.read.push(id);
    return value;
  }

  #page(entries: readonly Entry[]): PageRef {
    const text = new TextEncoder().encode(encodePage(entries));
    const id = sha256Hex(text);
    this.pages.set(id, text);
    return refOf(id, entries[0]!.path, entries.length);
  }

  #list(pages: readonly PageRef[]): PageRef {
    const id = idOf(pages.map((page) => page.id).join());
    this.lists.set(id, pages);
    return refOf(id, pages[0]!.firstPath, pages.length);
  }
}

function refOf(id: string, firstPath: string, entries: number): PageRef {
  return { id, firstPath, entries, blob: id.slice(0, 1).repeat(64), blobSize: 1, offset: 0, length: 1 };
}

function parts<T>(all: readonly T[], length: number): T[][] {
  return Array.from(
    { length: Math.ceil(all.length / length) },
    (_, i) => all.slice(i * length, (i + 1) * length),
  );
}

/** What every snapshot has, looked up one by one. */
function plainly(trees: readonly Tree[], pattern: string): string[] {
  const { test } = parsePathPattern(pattern);
  const found = new Map<string, number[]>();
  trees.forEach((tree, number) => {
    for (const [path, version] of tree) {
      if (!passes(test, path)) continue;
      const key = `${path} ${version}`;
      found.set(key, [...found.get(key) ?? [], number]);
    }
  });
  return [...found].map(([key, numbers]) => `${key} ${numbers}`).sort();
}

function asPlain(versions: readonly Version[]): string[] {
  return versions.map(({ entry, snapshots }) => {
    const numbers = snapshots.flatMap(({ first, last, count }) => {
      const range = Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
      assert.equal(range.length, count);
      return range;
    });
    return `${entry.path} ${entry.mtime} ${numbers}`;
  }).sort();
}

const trees = fc.array(
  fc.array(fc.tuple(fc.nat(PATHS.length - 1), fc.integer({ min: -1, max: 2 })), { maxLength: 6 }),
  {
    minLength: 1,
    maxLength: 12,
  },
).map((changes) => {
  const tree = new Map(PATHS.map((path) => [path, 0]));
  return changes.map((some): Tree => {
    for (const [path, version] of some) {
      if (version < 0) tree.delete(PATHS[path]!);
      else tree.set(PATHS[path]!, version);
    }
    return new Map(tree);
  });
});

Deno.test("findVersions() finds what looking at every entry of every snapshot finds, reading each page once", async () => {
  await fc.assert(
    fc.asyncProperty(
      trees,
      fc.constantFrom(...PATTERNS),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      async (trees, pattern, pageLength, listLength) => {
        const history = new History();
        const snapshots = trees.map((tree) => history.snapshot(tree, pageLength, listLength));
        const { test, within } = parsePathPattern(pattern);
        const open = (id: string) => Promise.resolve(snapshots[Number(id)]!);
        const matches = (entry: Entry) => passes(test, entry.path);
        const found = await findVersions([...trees.keys()].map(String), open, { within, at: test, matches });
        assert.deepEqual(asPlain(found.versions), plainly(trees, pattern));
        assert.deepEqual(found.lost, []);
        assert.equal(new Set(history.read).size, history.read.length);
        const keys = found.versions.map(({ entry }) => sortKey(entry.path));
        assert.deepEqual(keys, keys.toSorted());
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("findVersions() says what is lost, once, and finds the rest", async () => {
  const history = new History();
  const tree: Tree = new Map(PATHS.map((path) => [path, 0]));
  const snapshots = [history.snapshot(tree, 4, 2), history.snapshot(new Map(tree).set("/d/a.conf", 1), 4, 2)];
  history.lostPages.add([...history.pages.keys()][1]!);
  const { test, within } = parsePathPattern("*");
  const open = (id: string) => Promise.resolve(snapshots[Number(id)]!);
  const { versions, lost } = await findVersions(["0", "1"], open, { within, at: test, matches: () => true });
  assert.equal(lost.length, 1);
  assert.equal(versions.length, PATHS.length + 1 - 4);
});

Deno.test("findVersions() throws what a search throws that is no loss", async () => {
  const history = new History();
  const broken = {
    ...history.snapshot(new Map([["/d/a.conf", 0]]), 1, 1),
    search: () => Promise.reject(new Error("no")),
  };
  const { test, within } = parsePathPattern("*");
  const wanted = { within, at: test, matches: () => true };
  await assert.rejects(findVersions(["0"], () => Promise.resolve(broken as never), wanted), /^Error: no$/);
});
