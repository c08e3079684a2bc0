import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import type { Entry } from "../../src/model/entry.ts";
import { decodeListPage, decodePage, encodeListPage, encodePage, PageEncoder } from "../../src/model/page.ts";
import { headOf, type PageHead } from "../../src/model/page_head.ts";
import { PageLine, splitPage } from "../../src/model/page_line.ts";
import { PageText } from "../../src/model/page_text.ts";
import { entry, place } from "./arbitraries.ts";

const BLOB = "ab".repeat(32);
const ID = "cd".repeat(32);
const FILE: Entry = {
  path: "/srv/a",
  kind: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtime: "1000000001",
  size: 7,
  chunks: [{ blob: BLOB, blobSize: 99, offset: 3, length: 7, id: ID }],
};

Deno.test("decodePage() is the inverse of encodePage() for entries of every kind and names of any bytes", () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
    assert.deepEqual(decodePage(encodePage(entries)), entries);
  }));
});

Deno.test("decodeListPage() is the inverse of encodeListPage()", () => {
  fc.assert(fc.property(fc.array(place, { maxLength: 20 }), (chunks) => {
    assert.deepEqual(decodeListPage(encodeListPage(chunks)), chunks);
  }));
});

Deno.test("encodePage() gives equal text for equal entries, whatever the order of their members", () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
    const shuffled = entries.map((entry) => Object.fromEntries(Object.entries(entry).reverse()));
    assert.equal(encodePage(shuffled as unknown as Entry[]), encodePage(entries));
  }));
});

Deno.test("encodePage() gives the same text for entries that were decoded", () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 4 }), (entries) => {
    const text = encodePage(entries);
    assert.equal(encodePage(decodePage(text)), text);
  }));
});

Deno.test("encodePage() leaves members out that are not there", () => {
  const line = JSON.parse(encodePage([{ ...FILE, user: undefined, changed: false }]).split("\n")[1]!);
  assert.deepEqual(Object.keys(line), ["path", "kind", "mode", "uid", "gid", "mtime", "size", "chunks"]);
});

Deno.test("encodePage() writes one line for the format and one for each entry", () => {
  const lines = encodePage([FILE, { ...FILE, path: "/srv/b\n" }]).split("\n");
  assert.equal(lines.length, 4);
  assert.deepEqual(JSON.parse(lines[0]!), { vaultik_page: 2, blobs: [[BLOB, 99]], pages: [] });
  assert.deepEqual(JSON.parse(lines[2]!).chunks, [[0, 3, 7, ID]]);
  assert.equal(lines[3], "");
});

Deno.test("encodePage() writes bytes that are not UTF-8 in base64, under another name", () => {
  const link: Entry = { ...FILE, path: "/caf\xe9", kind: "symlink", target: "\xff\xfe", chunks: undefined };
  const line = JSON.parse(encodePage([{ ...link, xattrs: [["user.\xff", "AA=="]] }]).split("\n")[1]!);
  assert.equal(line.path, undefined);
  assert.equal(line.path_base64, btoa("/caf\xe9"));
  assert.equal(line.target_base64, btoa("\xff\xfe"));
  assert.deepEqual(line.xattrs_base64, { [btoa("user.\xff")]: "AA==" });
});

const page = encodePage([FILE]);
const [head, line] = page.split("\n");

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["a last line that is cut off", page.slice(0, -1)],
  ["a last line that is cut in the middle", page.slice(0, -20)],
  ["another version", page.replace('"vaultik_page":2', '"vaultik_page":1')],
  ["no version", `{"blobs":[],"pages":[]}\n`],
  ["a first line that is null", "null\n"],
  ["a first line that is a number", "1\n"],
  ["a first line that is no JSON", `x\n${line}\n`],
  ["an entry that is no JSON", `${head}\n${line!.slice(0, -1)}\n`],
  ["an entry that is null", `${head}\nnull\n`],
  ["an entry without a path", `${head}\n{"kind":"fifo","mode":0,"uid":0,"gid":0,"mtime":"0"}\n`],
  ["an empty line", `${head}\n\n${line}\n`],
  ["a blob number that the first line lacks", page.replace("[[0,3,7", "[[1,3,7")],
  ["a negative blob number", page.replace("[[0,3,7", "[[-1,3,7")],
  ["chunks that are no list", page.replace(/"chunks":\[.*\]\]/, '"chunks":7')],
  ["a first line without blobs", page.replace(/"blobs":\[\[[^\]]*\]\],/, "")],
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodePage() refuses ${what}`, () => {
    assert.throws(() => decodePage(text), CorruptionError);
  });
}

const decodeEach = (text: string) => [...new PageText(new TextEncoder().encode(text)).entries()];

Deno.test("a page of a newer program says that this one is old, whatever is in it", () => {
  const newer = `{"vaultik_page":3,"entries":7}\nnot even JSON\n`;
  for (const decode of [decodePage, decodeListPage, headOf, splitPage, decodeEach]) {
    assert.throws(
      () => decode(newer),
      (error: Error) => error instanceof UsageError && /newer Vaultik made it; upgrade/.test(error.message),
    );
  }
});

Deno.test("decodeListPage() refuses a chunk in a blob that its first line lacks", () => {
  const text = encodeListPage([{ blob: BLOB, blobSize: 1, offset: 0, length: 1, id: ID }]).replace(
    "[0,0,1",
    "[1,0,1",
  );
  assert.throws(() => decodeListPage(text), CorruptionError);
});

Deno.test("decodePage() refuses a page of lists with a page blob that its first line lacks", () => {
  const listed = { ...FILE, chunks: undefined, lists: FILE.chunks };
  const text = encodePage([listed]).replace("[[0,3,7", "[[1,3,7");
  assert.throws(() => decodePage(text), CorruptionError);
});

Deno.test("a page made of lines of other pages and of entries is the page of those entries", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(entry, fc.boolean()), { maxLength: 8 }),
      fc.nat({ max: 8 }),
      (parts, at) => {
        const entries = parts.map(([entry]) => entry);
        // Two pages that number the blobs in other ways.
        const lines = [
          ...splitPage(encodePage(entries.slice(0, at))),
          ...splitPage(encodePage(entries.slice(at))),
        ];
        const mixed = parts.map(([entry, isLine], i) => isLine ? lines[i]! : entry);
        assert.equal(encodePage(mixed), encodePage(entries));
      },
    ),
  ));

Deno.test("an encoder makes one page after the other, none of which knows of another", () => {
  const encoder = new PageEncoder();
  const decoder = new TextDecoder();
  fc.assert(fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
    entries.forEach((entry) => encoder.add(entry));
    const { head } = encoder;
    const text = decoder.decode(encoder.finish());
    assert.equal(text, encodePage(entries));
    const { blobs, pages } = headOf(text);
    assert.deepEqual(head, { blobs, pages });
  }));
});

Deno.test("a page of very many and very long names in many bytes each keeps all of them", () => {
  const pathOfNumber = (number: number) => "/" + "\xe2\x82\xac".repeat(1000) + number;
  const entries = Array.from({ length: 3000 }, (_, number) => ({ ...FILE, path: pathOfNumber(number) }));
  assert.deepEqual(decodePage(encodePage(entries)), entries);
});

Deno.test("a line tells of its entry without being decoded", () =>
  fc.assert(fc.property(entry, (entry) => {
    const [line] = splitPage(encodePage([entry]));
    assert.deepEqual(line!.decode(), entry);
    const { path, kind, lists = [], hardlink, size = 0 } = entry;
    assert.deepEqual([line!.path, line!.kind, line!.lists ?? [], line!.ownBytes], [
      path,
      kind,
      lists,
      hardlink === undefined ? size : 0,
    ]);
  })));

Deno.test("a line that is no entry's, or names a blob that is not there, is refused", () => {
  const head: PageHead = { blobs: [["aa", 1]], pages: [] };
  for (const text of ['{"chunks":[[1,0,1,"bb"]]}', '{"chunks":[[0,0,1', '{"chunks":[[']) {
    assert.throws(() => encodePage([new PageLine(text, head)]), CorruptionError);
  }
});
