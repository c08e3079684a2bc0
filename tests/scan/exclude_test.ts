import assert from "node:assert/strict";
import fc from "fast-check";
import { parentOf } from "../../src/model/path.ts";
import { compileExcludes } from "../../src/scan/exclude.ts";
import { inDirectory, make, namesBelow } from "./walked.ts";

const D = true;
const CASES: [pattern: string, path: string, excluded: boolean, isDirectory?: boolean][] = [
  ["*.log", "/srv/a.log", true],
  ["*.log", "/a.log", true],
  ["*.log", "/srv/a.log.gz", false],
  ["*.log", "/srv/a.LOG", false],
  ["Cache", "/srv/cache", false, D],
  ["node_modules/", "/srv/x/node_modules", true, D],
  ["node_modules/", "/srv/x/node_modules", false],
  ["/srv/cache", "/srv/cache", true, D],
  ["/srv/cache", "/srv/cache/file", true],
  ["/srv/cache", "/other/srv/cache", false, D],
  ["srv/cache", "/other/srv/cache", false, D],
  ["**/srv/cache", "/other/srv/cache", true, D],
  ["/srv/*/tmp", "/srv/a/tmp", true, D],
  ["/srv/*/tmp", "/srv/a/b/tmp", false, D],
  ["/srv/**/tmp", "/srv/a/b/tmp", true, D],
  ["/srv/**", "/srv", false, D],
  ["/srv/**", "/srv/a", true],
  ["/srv/**/", "/srv/file", false],
  ["/srv/**/", "/srv", false, D],
  ["/srv/**/", "/srv/a", true, D],
  ["/srv/**/", "/srv/a/file", true],
  ["!/srv/**/", "/srv/a", false, D],
  ["[ab].txt", "/b.txt", true],
  ["[ab].txt", "/c.txt", false],
  ["a?c", "/abc", true],
  ["# comment", "/# comment", false],
  ["\\#name", "/#name", true],
  ["name ", "/name", true],
  ["na\u00efve", "/na\xc3\xafve", true],
  ["latin-\u00e9", "/latin-\xe9", true],
  ["..x", "/..x", true],
  [String.raw`\xff*`, "/srv/\xffname", true],
  [String.raw`/srv/\xff`, "/srv/\xff/file", true],
  [String.raw`ü\xff`, "/\xc3\xbc\xff", true],
  [String.raw`\xc3\xbc`, "/\xc3\xbc", true],
  [String.raw`a\x0ab`, "/a\nb", true],
  [String.raw`a\x5cxff`, "/a\\xff", true],
  [String.raw`a\x5cxff`, "/a\xff", false],
];

for (const [pattern, path, excluded, isDirectory = false] of CASES) {
  const what = `${isDirectory ? "directory" : "file"} ${JSON.stringify(path)}`;
  Deno.test(`compileExcludes() "${pattern}" ${excluded ? "leaves out" : "keeps"} the ${what}`, () => {
    assert.equal(compileExcludes([pattern])(path, isDirectory), excluded);
  });
}

Deno.test("mayBeIn() is false only of directories in which nothing is left out", () => {
  const names = fc.constantFrom("a", "b", "c");
  const paths = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
  const patterns = fc.array(fc.tuple(paths, fc.constantFrom("", "/")).map((parts) => parts.join("")), {
    maxLength: 4,
  });
  let ruledOut = 0;
  fc.assert(
    fc.property(patterns, paths, fc.boolean(), (patterns, path, isDirectory) => {
      const isExcluded = compileExcludes(patterns);
      if (isExcluded.mayBeIn!(parentOf(path))) return;
      ruledOut++;
      assert.ok(!isExcluded(path, isDirectory), `${patterns} ${path}`);
    }),
    { numRuns: 2000 },
  );
  assert.ok(ruledOut > 100);
  for (const pattern of ["*.log", "/srv/*/tmp", "!/a", "x"]) {
    assert.equal(compileExcludes(["/a", pattern]).mayBeIn, undefined, pattern);
  }
});

Deno.test("compileExcludes() takes a later pattern over an earlier one", () => {
  const isExcluded = compileExcludes(["*.log", "!keep.log", "/tmp/keep.log"]);
  assert.ok(isExcluded("/a/b.log", false));
  assert.ok(!isExcluded("/a/keep.log", false));
  assert.ok(isExcluded("/tmp/keep.log", false));
});

Deno.test("compileExcludes() never leaves out `/` itself, and nothing where there are no patterns", () => {
  assert.ok(!compileExcludes(["*"])("/", true));
  assert.ok(!compileExcludes([])("/a", false));
});

Deno.test("compileExcludes() goes on as before after very many questions", () => {
  const isExcluded = compileExcludes(["*7", "!/a/77"]);
  for (let i = 0; i < 60_000; i++) {
    assert.equal(isExcluded(`/a/${i}`, false), i % 10 === 7 && i !== 77);
  }
});

Deno.test("walk() leaves out a directory with all below it, and asks of nothing in it", () =>
  inDirectory((directory) => {
    make(directory, "keep/a", "skip/b/c", "skip/keep.txt", "z.tmp");
    assert.deepEqual(namesBelow(directory, { exclude: ["skip/", "*.tmp", "!keep.txt"] }), ["keep", "keep/a"]);
    const asked: string[] = [];
    namesBelow(directory, {
      isExcluded: (path) => {
        asked.push(path.slice(directory.length + 1));
        return path.endsWith("/skip");
      },
    });
    assert.deepEqual(asked, ["keep", "keep/a", "skip", "z.tmp"]);
  }));
