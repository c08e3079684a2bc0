import assert from "node:assert/strict";
import { changedExcludes, changedExcludesText } from "../../../src/operations/backup/changed_excludes.ts";

const PATHS = [
  "/",
  "/data",
  "/data/a.log",
  "/data/cache",
  "/data/cache/x",
  "/data/cache/y/z",
  "/data/empty",
  "/other/b.log",
];
const ROOTS = ["/data", "/other/b.log"];

const CASES: [string, string[], string[], number | undefined][] = [
  ["the same", ["*.log", "cache/"], ["cache/", "*.log"], undefined],
  ["a pattern less", ["*.tmp", "*.log"], ["*.log"], 1],
  ["a name, also of a file that is a path of its own", [], ["*.log"], 1],
  ["a directory", [], ["cache/"], 2],
  ["a directory by its path", [], ["/data/cache"], 2],
  ["what no file has", [], ["*.tmp"], 0],
  ["all", [], ["*"], 4],
  ["all but one, within what is excluded", [], ["cache/", "!x"], 2],
];
for (const [what, before, now, files] of CASES) {
  Deno.test(`changedExcludes() counts the files of the last backup that are left out: ${what}`, () => {
    assert.equal(changedExcludes({ before, now, roots: ROOTS, paths: PATHS })?.files, files);
  });
}

Deno.test("changedExcludesText() names a few of the new patterns", () => {
  assert.equal(
    changedExcludesText("home", { added: ["a", "b", "c", "d", "e", "f"], files: 1234 }),
    'the excludes of home have changed since the last snapshot (new: "a", "b", "c", "d", "e" and 1 more): ' +
      "1,234 files that it has are left out from now on",
  );
  assert.match(
    changedExcludesText("home", { added: [], files: 1 }),
    /snapshot: 1 file that it has is left out/,
  );
});
