import assert from "node:assert/strict";
import fc from "fast-check";
import type { Entry } from "../../src/model/entry.ts";
import { encodePage } from "../../src/model/page.ts";
import { headOf } from "../../src/model/page_head.ts";
import { PageLine, splitPage } from "../../src/model/page_line.ts";
import { findLines } from "../../src/model/page_search.ts";
import { pathOf } from "../../src/model/path.ts";
import { SearchedBytes } from "../../src/platform/searched_bytes.ts";
import { onlyPath, parsePathPattern, passes, type PathTest } from "../../src/model/path_pattern.ts";

function entryAt(path: string): Entry {
  return { path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtime: "0", target: "/x.conf\\n" };
}

/** Paths of the lines that were found and are meant, in the text and in its bytes. */
function found(text: string, test: PathTest): string[] {
  const { head, lines } = findLines(text, test);
  const bytes = SearchedBytes.of(new TextEncoder().encode(text));
  if (bytes !== undefined) assert.deepEqual(findLines(bytes, test), { head, lines });
  return lines.map((line) => new PageLine(line, headOf(head)).path).filter((path) => passes(test, path));
}

const name = fc.string({
  unit: fc.constantFrom("a", "b", ".", '"', "\\", "\n", "\xc3\xa9", "\xff", "*"),
  minLength: 1,
  maxLength: 4,
});
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => "/" + names.join("/"));
const pattern = fc.string({
  unit: fc.constantFrom("a", "b", ".", "*", "?", "/", "é", "[ab]", "\\xff", "\\*", "**"),
  minLength: 1,
  maxLength: 6,
});

Deno.test("findLines() finds the lines that decoding every one finds", () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), pattern, path, (paths, pattern, one) => {
      const text = encodePage(paths.map(entryAt));
      for (const test of [parsePathPattern(pattern).test, onlyPath(one), onlyPath(paths[0] ?? "/")]) {
        const plain = splitPage(text).map((line) => line.decode().path).filter((path) => passes(test, path));
        assert.deepEqual(found(text, test), plain);
        for (const path of plain) assert.ok(path.includes(test.literal));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("findLines() finds a path that another program has written in another way", () => {
  const head = '{"vaultik_page":2,"blobs":[],"pages":[]}';
  const rest = '"kind":"fifo","mode":0,"uid":0,"gid":0,"mtime":"0"}';
  for (
    const member of [
      '"path":"/\\u0061.conf"',
      '"path":"\\/a.conf"',
      '"path_base64":"L2EuY29uZg=="',
      '"pa\\u0074h":"/a.conf"',
    ]
  ) {
    const text = `${head}\n{${member},${rest}\n{${
      rest.slice(0, -1)
    },"path":"/a.conf"}\n{"path":"/b.confx",${rest}\n`;
    assert.deepEqual(found(text, parsePathPattern("*.conf").test), ["/a.conf", "/a.conf"], member);
    assert.deepEqual(found(text, onlyPath(pathOf("/a.conf"))), ["/a.conf", "/a.conf"], member);
  }
});

Deno.test("findLines() finds nothing in a page without lines, and leaves a line that has no end", () => {
  for (const text of ["", "head", "head\n", 'head\n{"path":"/a.conf"']) {
    assert.deepEqual(findLines(text, parsePathPattern("*").test).lines, [], text);
  }
});
