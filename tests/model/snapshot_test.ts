import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { decodeSnapshot, encodeSnapshot, namedErrors } from "../../src/model/snapshot.ts";
import { snapshot } from "./arbitraries.ts";

Deno.test("decodeSnapshot() is the inverse of encodeSnapshot(), first paths of any bytes among it", () => {
  fc.assert(fc.property(snapshot, (snapshot) => {
    assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), snapshot);
  }));
});

Deno.test("encodeSnapshot() names each page blob once", () => {
  fc.assert(fc.property(snapshot, (snapshot) => {
    const { page_blobs, page_lists, pages } = JSON.parse(encodeSnapshot(snapshot));
    const blobs = page_blobs.map(([id]: [string]) => id);
    const { changes } = snapshot;
    const refs = [
      ...snapshot.pageLists,
      ...snapshot.pages,
      ...changes ? [changes.before, changes.after] : [],
    ];
    assert.deepEqual(new Set(blobs), new Set(refs.map((page) => page.blob)));
    assert.equal(new Set(blobs).size, blobs.length);
    assert.deepEqual([page_lists.length, pages.length], [snapshot.pageLists.length, snapshot.pages.length]);
  }));
});

Deno.test("a snapshot names no more errors than leave it readable, however long their paths are", () => {
  const errors = (count: number, letters: number) =>
    Array.from({ length: count }, () => ({ path: "/".padEnd(letters, "x"), reason: "" }));
  assert.equal(namedErrors(errors(10_001, 100)).length, 10_000);
  assert.equal(namedErrors(errors(9_999, 100)).length, 9_999);
  const long = namedErrors(errors(10_000, 4_000));
  assert.ok(long.length > 1_000);
  const [sample] = atLeast(1, fc.sample(snapshot, { numRuns: 1, seed: 1 }));
  assert.ok(encodeSnapshot({ ...sample, errors: long }).length < 8 * 1024 * 1024);
});

const enough = snapshot.filter(({ pages, pageLists, errors, changes }) =>
  changes !== undefined && pages.length > 1 && pageLists.length > 1 && errors.length > 0
);
const [sample] = atLeast(1, fc.sample(enough, { numRuns: 1, seed: 1 }));
const json = JSON.parse(encodeSnapshot(sample));
const changed = (change: Record<string, unknown>) => JSON.stringify({ ...json, ...change });

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["text that is cut short", encodeSnapshot(sample).slice(0, -1)],
  ["null", "null"],
  ["another version", changed({ vaultik_snapshot: 1 })],
  ["a manifest", JSON.stringify({ vaultik_manifest: 2 })],
  ["a page in a blob that is not listed", changed({ page_blobs: [] })],
  ["pages that are no list", changed({ pages: 7 })],
  ["pages that are out of order", changed({ pages: json.pages.toReversed() })],
  ["lists that are out of order", changed({ page_lists: json.page_lists.toReversed() })],
  ["lists that come after the pages", changed({ page_lists: json.pages, pages: json.page_lists })],
  ["a page without entries", changed({ pages: json.pages.map((row: unknown[]) => row.slice(0, -1)) })],
  ["an id of a page blob that is a path", changed({ page_blobs: [["././../../x", 1]] })],
  ["a time that is none", changed({ started_at: "yesterday" })],
  ["a seed that is too short", changed({ chunker: { seed: "ab", average: 1 } })],
  ["roots that are no texts", changed({ roots: [7] })],
  ["totals that are negative", changed({ totals: { ...json.totals, files: -1 } })],
  ["changes since no snapshot", changed({ changes: { ...json.changes, since: "../x" } })],
  ["changes of which one side is missing", changed({ changes: { ...json.changes, before: undefined } })],
  [
    "changes in a blob that is not listed",
    changed({ changes: { ...json.changes, after: json.changes.after.with(1, 99) } }),
  ],
  ...Object.keys(json).filter((member) => member !== "changes").map((
    member,
  ): [string, string] => [`one without ${member}`, changed({ [member]: undefined })]),
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodeSnapshot() refuses ${what}`, () => {
    assert.throws(() => decodeSnapshot(text), CorruptionError);
  });
}

Deno.test("decodeSnapshot() says of a newer snapshot that this program is old", () =>
  assert.throws(() => decodeSnapshot(changed({ vaultik_snapshot: 3 })), UsageError));
