import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import {
  decodeRecord,
  encodeRecord,
  MARKED_PER_RECORD,
  RECORD_STORED_MAX,
  recordName,
  sha256OfRecord,
} from "../../src/model/prune_record.ts";
import { id } from "./arbitraries.ts";

const [A, B] = ["aa".repeat(32), "bb".repeat(32)];
const ids = fc.array(id, { maxLength: 5 });

Deno.test("a record comes back as it was written", () => {
  fc.assert(fc.property(ids, ids, ids, (pages, blobs, lists) => {
    assert.deepEqual(decodeRecord(encodeRecord({ pages, blobs, lists })), { pages, blobs, lists });
  }));
  assert.equal(
    encodeRecord({ pages: [A], blobs: [], lists: [B] }),
    `{"vaultik_prune":2,"pages":["${A}"],"blobs":[],"lists":["${B}"]}\n`,
  );
});

Deno.test("the largest record that is written is within its bound, and read", () => {
  const many = Array<string>(MARKED_PER_RECORD).fill(A);
  const text = encodeRecord({ pages: many, blobs: many, lists: many });
  assert.ok(text.length <= RECORD_STORED_MAX, String(text.length));
  assert.equal(decodeRecord(text).lists.length, MARKED_PER_RECORD);
});

const REST = '"blobs":[],"lists":[]';
const REFUSED: [what: string, text: string][] = [
  ["nothing", ""],
  ["no version", "{}"],
  ["another version", `{"vaultik_prune":1,"pages":[],${REST}}`],
  ["no lists", `{"vaultik_prune":2,"pages":[],"blobs":[]}`],
  ["no blobs", `{"vaultik_prune":2,"pages":[],"lists":[]}`],
  ["a short id", `{"vaultik_prune":2,"pages":["${A.slice(1)}"],${REST}}`],
  ["a number", `{"vaultik_prune":2,"pages":[1],${REST}}`],
  ["too many ids", `{"vaultik_prune":2,"pages":[${Array(MARKED_PER_RECORD + 1).fill(`"${A}"`)}],${REST}}`],
];

for (const [what, text] of REFUSED) {
  Deno.test(`decodeRecord() refuses ${what}`, () => assert.throws(() => decodeRecord(text), CorruptionError));
}

Deno.test("decodeRecord() says of a newer record that this program is old", () =>
  assert.throws(() => decodeRecord(`{"vaultik_prune":3}`), UsageError));

Deno.test("the name of a record tells its time and its hash, and nothing else is taken for one", () => {
  const name = recordName(new Date("2025-01-02T03:04:05.678Z"), A);
  assert.equal(name, `prune/20250102T030405Z_${A}.json`);
  assert.equal(sha256OfRecord(name), A);
  for (
    const other of ["prune/clock-1", `prune/${A}.json`, `prune/x/20250102T030405Z_${A}.json`, `${name}.tmp`]
  ) {
    assert.equal(sha256OfRecord(other), undefined, other);
  }
});
