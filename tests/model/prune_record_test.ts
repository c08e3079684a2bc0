import assert from "node:assert/strict";
import { CorruptionError } from "../../src/base/errors.ts";
import { decodeRecord, encodeRecord, recordName, sha256OfRecord } from "../../src/model/prune_record.ts";

const [A, B] = ["aa".repeat(32), "bb".repeat(32)];

Deno.test("a record comes back as it was written", () => {
  for (const record of [{ pages: [], blobs: [] }, { pages: [A], blobs: [B, A] }]) {
    assert.deepEqual(decodeRecord(encodeRecord(record)), record);
  }
  assert.equal(encodeRecord({ pages: [A], blobs: [] }), `{"vaultik_prune":1,"pages":["${A}"],"blobs":[]}\n`);
});

Deno.test("decodeRecord() refuses what is none", () => {
  const texts = [
    "",
    "{}",
    `{"vaultik_prune":2,"pages":[],"blobs":[]}`,
    `{"vaultik_prune":1,"pages":[]}`,
    `{"vaultik_prune":1,"pages":[],"blobs":["${A.slice(1)}"]}`,
    `{"vaultik_prune":1,"pages":[1],"blobs":[]}`,
  ];
  for (const text of texts) assert.throws(() => decodeRecord(text), CorruptionError, text);
});

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
