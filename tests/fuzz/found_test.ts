import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError, EnvironmentError } from "../../src/base/errors.ts";
import { decodeSeekTable, encodeSeekTable } from "../../src/blob/seek_table.ts";
import { decodeList } from "../../src/model/blob_list.ts";
import { faultOf } from "../../src/model/entry_fault.ts";
import { isSnapshotId } from "../../src/model/names.ts";
import { decodeListPage } from "../../src/model/page.ts";
import { fromRows } from "../../src/model/page_refs.ts";
import { PageText } from "../../src/model/page_text.ts";
import { parseSnapshotWord } from "../../src/model/snapshot_word.ts";
import { PageEntries } from "../../src/operations/browse/page_entries.ts";
import { objectsIn, pathsIn, sizeIn } from "../../src/store/rclone_answers.ts";

// What searches have found, each as small as it gets.

const HEAD = { vaultik_page: 2, blobs: [["ab".repeat(32), 9]], pages: [] };
const FILE = {
  path: "/a",
  kind: "file",
  mode: 0,
  uid: 0,
  gid: 0,
  mtime: "0",
  size: 1,
  chunks: [] as unknown,
};
/** As a restore does. */
const decodeEach = (text: string) => [...new PageText(new TextEncoder().encode(text)).entries()];

const CHUNK = [0, 0, 1, "cd".repeat(32)];

const lines = (...values: unknown[]) => values.map((value) => JSON.stringify(value) + "\n").join("");

for (
  const [what, head] of [
    ["is cut off", '{"vaultik_page":2,"blobs":'],
    ["has a text instead of its blobs", lines({ ...HEAD, blobs: "ab,9" })],
    ["has blobs that are none", lines({ ...HEAD, blobs: [["ab", 9]] })],
    ["has a blob twice", lines({ ...HEAD, blobs: [HEAD.blobs[0], HEAD.blobs[0]] })],
    ["has a blob of a negative size", lines({ ...HEAD, pages: [["ab".repeat(32), -9]] })],
  ] as const
) {
  Deno.test(`a page whose first line ${what} is damaged, also where its lines are decoded one by one`, () => {
    const text = head.trimEnd() + "\n" + lines({ ...FILE, size: 0 });
    assert.throws(() => decodeEach(text), CorruptionError);
    assert.throws(() => new PageEntries(new TextEncoder().encode(text)), CorruptionError);
  });
}

const ENTRY_FAULTS: readonly [what: string, change: object][] = [
  ["holes are a number", { holes: 5 }],
  ["holes are no pairs", { holes: [5] }],
  ["path is nothing", { path: null }],
  ["target is a number", { kind: "symlink", target: 7 }],
  ["attributes are a text", { xattrs: "user.a" }],
  ["attributes have a name that is empty", { xattrs: { "": "" } }],
  ["attributes have a value that is a number", { xattrs: { "user.a": 5 } }],
  ["attributes are there twice", { xattrs: { a: "" }, xattrs_base64: { "YQ==": "" } }],
  ["owner's name is a list", { user: [] }],
  ["blob has a number that is none", { chunks: [["constructor", 0, 1, CHUNK[3]]] }],
  ["chunk's id ends its line early", { chunks: [[0, 0, 1, `x"]],"path":"/etc/passwd","chunks":[[0,0,1,"`]] }],
];

for (const [what, change] of ENTRY_FAULTS) {
  Deno.test(`an entry whose ${what} is lost alone`, () => {
    const other = { ...FILE, path: "/b", chunks: [CHUNK] };
    const [lost, kept] = atLeast(
      2,
      decodeEach(lines(HEAD, { ...FILE, chunks: [CHUNK], ...change }, other)),
    );
    assert.ok(lost instanceof CorruptionError || faultOf(lost) !== undefined);
    assert.ok(!(kept instanceof CorruptionError) && faultOf(kept) === undefined);
  });
}

Deno.test("a list page with a place that is none is damaged", () => {
  for (
    const place of [[0, -1, 1, CHUNK[3]], [0, 0, "1", CHUNK[3]], [0, 0, 1, "cd"], [1, 0, 1, CHUNK[3]], [
      "at",
      0,
      1,
      CHUNK[3],
    ]]
  ) {
    assert.throws(() => decodeListPage(lines(HEAD, place)), CorruptionError);
  }
});

Deno.test("a blob of pages that has two numbers, and so may have two sizes, is none", () => {
  const blob = "ab".repeat(32);
  assert.throws(() => fromRows([["/a", 0, 0, 1, blob, 1]], [[blob, 5], [blob, 6]]), CorruptionError);
});

Deno.test("a seek table with checksums, or of a kind yet to come, is refused", () => {
  const table = encodeSeekTable([{ stored: 5, plain: 9 }]);
  for (const descriptor of [0x80, 0x01, 0x7c]) {
    table[table.length - 5] = descriptor;
    assert.throws(() => decodeSeekTable(table), CorruptionError);
  }
});

Deno.test("minus zero is no count", () => {
  assert.throws(() =>
    decodeList(lines({ vaultik_list: 2, blobs: [] }).replace("[]", `[["blobs","${CHUNK[3]}",-0]]`))
  );
  assert.deepEqual(decodeList(lines({ vaultik_list: 2, blobs: [["blobs", CHUNK[3], 0]] })).length, 1);
});

Deno.test("a time before all times names no snapshot, and neither does an id that tells no time", () => {
  assert.equal(parseSnapshotWord("999999 years ago", new Date()), undefined);
  assert.equal(isSnapshotId("20251301T000000Z-abcdefgh-5e0c9b1f"), false);
});

Deno.test("an rclone that gives no size, no time or no names is not understood", () => {
  const item = { Path: "a", Size: 5, ModTime: "2025-01-02T03:04:05Z" };
  assert.deepEqual(objectsIn({ list: [item] }).map(({ size }) => size), [5]);
  for (
    const change of [{ Size: -1 }, { Size: "5" }, { ModTime: "" }, { ModTime: { toString: 1 } }, {
      Path: null,
    }]
  ) {
    assert.throws(() => objectsIn({ list: [{ ...item, ...change }] }), EnvironmentError);
  }
  assert.throws(() => pathsIn({ list: { length: 1 } }), EnvironmentError);
  assert.throws(() => sizeIn({ item: "a" }), EnvironmentError);
  assert.equal(sizeIn({ item: null }), undefined);
});
