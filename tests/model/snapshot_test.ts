import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError } from "../../src/base/errors.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/model/snapshot.ts";
import { snapshot } from "./arbitraries.ts";

Deno.test("decodeSnapshot() is the inverse of encodeSnapshot(), first paths of any bytes among it", () => {
  fc.assert(fc.property(snapshot, (snapshot) => {
    assert.deepEqual(decodeSnapshot(encodeSnapshot(snapshot)), snapshot);
  }));
});

Deno.test("encodeSnapshot() names each page blob once", () => {
  fc.assert(fc.property(snapshot, (snapshot) => {
    const { page_blobs: blobs, pages } = JSON.parse(encodeSnapshot(snapshot));
    assert.deepEqual(new Set(blobs), new Set(snapshot.pages.map((page) => page.blob)));
    assert.equal(new Set(blobs).size, blobs.length);
    assert.equal(pages.length, snapshot.pages.length);
  }));
});

const [sample] = fc.sample(snapshot.filter(({ pages }) => pages.length > 0), { numRuns: 1, seed: 1 });
const json = JSON.parse(encodeSnapshot(sample));

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["text that is cut short", encodeSnapshot(sample).slice(0, -1)],
  ["null", "null"],
  ["another version", JSON.stringify({ ...json, vaultik_snapshot: 2 })],
  ["a manifest", JSON.stringify({ vaultik_manifest: 1 })],
  ["a page in a blob that is not listed", JSON.stringify({ ...json, page_blobs: [] })],
  ["pages that are no list", JSON.stringify({ ...json, pages: 7 })],
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodeSnapshot() refuses ${what}`, () => {
    assert.throws(() => decodeSnapshot(text), CorruptionError);
  });
}
