import assert from "node:assert/strict";
import fc from "fast-check";
import { isWithin, parentOf, sortKey } from "../../../src/model/path.ts";
import type { PageRef } from "../../../src/model/page_refs.ts";
import { chooseRefs, Selection } from "../../../src/operations/restore/selection.ts";
import { filePath } from "../../model/arbitraries.ts";

const refs = (...firstPaths: string[]): PageRef[] =>
  firstPaths.map((firstPath, i) => ({
    firstPath,
    entries: 1,
    blob: "",
    blobSize: 1,
    offset: i,
    length: 1,
    id: "",
  }));

const PAGES = refs("/", "/a/m", "/a/z", "/a-b", "/c/d/e");

/** Numbers of the pages that may hold something of `wanted`. */
function chosen(pages: readonly PageRef[], wanted: readonly string[]): Promise<number[]> {
  return Promise.resolve(chooseRefs(new Selection({ paths: wanted }))(pages).map(({ offset }) => offset));
}

const CASES: [wanted: string[], pages: number[]][] = [
  [[], [0, 1, 2, 3, 4]],
  [["/"], [0, 1, 2, 3, 4]],
  [["/a"], [0, 1, 2]],
  [["/a/b"], [0]],
  [["/a/m"], [0, 1]],
  [["/a/m/x"], [0, 1]],
  [["/a/zz"], [0, 2]],
  [["/a-b"], [3]],
  [["/b"], [3]],
  [["/c/d"], [3, 4]],
  [["/c/d/e"], [3, 4]],
  [["/z"], [4]],
  [["/a/b", "/z"], [0, 4]],
];

for (const [wanted, pages] of CASES) {
  Deno.test(`the pages for [${wanted}] are [${pages}]`, async () => {
    assert.deepEqual(await chosen(PAGES, wanted), pages);
  });
}

const WANTED: [wanted: string[], path: string, has: boolean, isAbove: boolean][] = [
  [[], "/a", true, false],
  [["/"], "/a", true, false],
  [["/a"], "/a", true, true],
  [["/a"], "/a/b", true, false],
  [["/a"], "/ab", false, false],
  [["/a/b"], "/a", false, true],
  [["/a/b"], "/", false, true],
  [["/a/b", "/c"], "/c/d", true, false],
];

for (const [wanted, path, has, isAbove] of WANTED) {
  Deno.test(`a selection of [${wanted}] ${has ? "has" : "has not"} ${path}${isAbove ? ", and something below" : ""}`, () => {
    const selection = new Selection({ paths: wanted });
    assert.deepEqual([selection.has(path), selection.isAbove(path)], [has, isAbove]);
  });
}

Deno.test("every page is chosen that has a wanted entry or a directory above one", async () => {
  const byKey = (a: string, b: string) => (sortKey(a) < sortKey(b) ? -1 : 1);
  const entries = fc.uniqueArray(filePath, { minLength: 2, maxLength: 15 })
    .map((paths) => [...new Set(paths.flatMap((path) => [path, parentOf(path)]))].sort(byKey));
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 4 }), fc.nat(), async (entries, size, pick) => {
      const pages = refs(...entries.filter((_, i) => i % size === 0));
      const wanted = entries[pick % entries.length]!;
      const selection = new Selection({ paths: [wanted] });
      const found = new Set(await chosen(pages, [wanted]));
      entries.forEach((path, i) => {
        if (selection.has(path) || isWithin(wanted, path)) {
          if (path !== "/") assert.ok(found.has(Math.floor(i / size)), `${path} for ${wanted}`);
        }
      });
    }),
  );
});
