import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import {
  cutPageLists,
  decodePageRefs,
  encodePageRefs,
  fromRows,
  type PageRef,
  PAGES_INLINE_MAX,
  PAGES_PER_LIST_MAX,
  toRows,
} from "../../src/model/page_refs.ts";
import { pageRefs } from "./arbitraries.ts";

Deno.test("decodePageRefs() is the inverse of encodePageRefs(), first paths of any bytes among it", () =>
  fc.assert(fc.property(pageRefs, (refs) => {
    assert.deepEqual(decodePageRefs(encodePageRefs(refs)), refs);
  })));

Deno.test("rows name each blob once, with its size", () =>
  fc.assert(fc.property(pageRefs, (refs) => {
    const { blobs, rows } = toRows(refs);
    assert.equal(new Set(blobs.map(([id]) => id)).size, blobs.length);
    assert.deepEqual(fromRows(rows, blobs), refs);
  })));

Deno.test("rows are read the same whatever is known of their pages, and what is known and the same is not made again", () => {
  const differently: ((ref: PageRef) => PageRef)[] = [
    (ref) => ref,
    (ref) => ({ ...ref, firstPath: `${ref.firstPath}x` }),
    (ref) => ({ ...ref, blob: "00".repeat(32) }),
    (ref) => ({ ...ref, blobSize: ref.blobSize + 1 }),
    (ref) => ({ ...ref, offset: ref.offset + 1 }),
    (ref) => ({ ...ref, length: ref.length + 1 }),
    (ref) => ({ ...ref, entries: ref.entries + 1 }),
  ];
  const ways = fc.array(fc.nat(differently.length), { minLength: 8, maxLength: 8 });
  fc.assert(fc.property(pageRefs, ways, (refs, ways) => {
    const known = new Map(refs.flatMap((ref, i) => {
      const know = differently[ways[i]!];
      return know === undefined ? [] : [[ref.id, know(ref)]];
    }));
    const { blobs, rows } = toRows(refs);
    const read = fromRows(rows, blobs, (id) => known.get(id));
    assert.deepEqual(read, refs);
    const isPlain = (path: string) => [...path].every((byte) => byte < "\x80");
    for (const [i, ref] of refs.entries()) {
      if (known.get(ref.id) === ref && isPlain(ref.firstPath)) assert.equal(read[i], ref);
    }
  }));
});

Deno.test("a path of bytes that are not UTF-8 is not taken for the text of the same letters", () => {
  const page = { ...ref(0, "ab".repeat(32)), firstPath: "/\xe9" };
  const { blobs, rows } = toRows([{ ...page, firstPath: "/\xc3\xa9" }]);
  assert.equal(atLeast(1, rows)[0][0], "/\xe9");
  assert.equal(fromRows(rows, blobs, () => page)[0]!.firstPath, "/\xc3\xa9");
});

const ref = (at: number, id: string): PageRef => ({
  firstPath: `/${String(at).padStart(6, "0")}`,
  entries: 1,
  blob: "aa".repeat(32),
  blobSize: 7,
  offset: at,
  length: 1,
  id,
});
/** So many pages; each number in `ends` ends a list. */
const refsOf = (count: number, ends: readonly number[] = []) =>
  Array.from({ length: count }, (_, at) => ref(at, (ends.includes(at) ? "f4" : "01").padStart(64, "0")));

const CUTS: [what: string, pages: PageRef[], expected: number[]][] = [
  ["none", [], [0]],
  ["as many as a snapshot has in itself, whatever their ids", refsOf(PAGES_INLINE_MAX, [1, 2, 3]), [
    PAGES_INLINE_MAX,
  ]],
  ["one more", refsOf(PAGES_INLINE_MAX + 1, [9, 63]), [10, 54, 1]],
  ["one more, of which the last ends a list", refsOf(PAGES_INLINE_MAX + 1, [20, PAGES_INLINE_MAX]), [
    21,
    44,
    0,
  ]],
  ["many of which none ends a list", refsOf(PAGES_PER_LIST_MAX + 1), [PAGES_PER_LIST_MAX, 1]],
];

for (const [what, pages, expected] of CUTS) {
  Deno.test(`cutPageLists() cuts ${what}`, () => {
    const { lists, tail } = cutPageLists(pages);
    assert.deepEqual([...lists, tail].map(({ length }) => length), expected);
    assert.deepEqual([...lists.flat(), ...tail], pages);
  });
}

const text = encodePageRefs(refsOf(2));
const [head, first, second] = text.split("\n");

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["a last line that is cut off", text.slice(0, -1)],
  ["another version", text.replace('"vaultik_page_list":2', '"vaultik_page_list":1')],
  ["a page", `{"vaultik_page":2,"blobs":[],"pages":[]}\n`],
  ["a head without blobs", text.replace(/,"blobs":.*/, "}")],
  ["a blob without a size", text.replace(",7]]", "]]")],
  ["an id of a blob that is a path", text.replace("aa".repeat(32), "../".repeat(21) + "x")],
  ["a blob number that the head lacks", text.replace('000",0,', '000",1,')],
  ["a negative blob number", text.replace('000",0,', '000",-1,')],
  ["a row that is too short", text.replace(",1]", "]")],
  ["an empty line", `${head}\n\n${first}\n`],
  ["pages that are out of order", `${head}\n${second}\n${first}\n`],
  ["a page twice", `${head}\n${first}\n${first}\n`],
  ["too many pages", encodePageRefs(refsOf(PAGES_PER_LIST_MAX + 1))],
  ["a first path that is no base64", text.replace('"/000000"', '["%"]')],
];

for (const [what, damaged] of DAMAGED) {
  Deno.test(`decodePageRefs() refuses ${what}`, () => {
    assert.notEqual(damaged, text);
    assert.throws(() => decodePageRefs(damaged), CorruptionError);
  });
}

Deno.test("decodePageRefs() says of a newer list of pages that this program is old", () => {
  const newer = `{"vaultik_page_list":3}\n{}\n`;
  assert.throws(() => decodePageRefs(newer), UsageError);
});
