import assert from "node:assert/strict";
import fc from "fast-check";
import { type BlobUse, planCompaction, SMALL_BLOBS_MAX } from "../../src/model/compaction.ts";

const MIB = 2 ** 20;
const POLICY = { maxWaste: 0.3, blobSizeBytes: 16 * MIB };

function blob(number: number, liveShare: number, plainBytes = 16 * MIB): BlobUse {
  return { number, sizeBytes: plainBytes, plainBytes, liveBytes: Math.round(plainBytes * liveShare) };
}

const TABLE: [what: string, liveShare: number, isChosen: boolean][] = [
  ["all of it is needed", 1, false],
  ["hardly less is wasted than may be", 0.71, false],
  ["a little more is wasted", 0.69, true],
  ["hardly anything is needed", 0.001, true],
  ["nothing is needed: it dies by itself", 0, false],
];
for (const [what, liveShare, isChosen] of TABLE) {
  Deno.test(`planCompaction() ${isChosen ? "chooses" : "leaves"} a blob of which ${what}`, () => {
    assert.deepEqual(planCompaction([blob(7, liveShare)], POLICY), isChosen ? [7] : []);
  });
}

Deno.test("planCompaction() chooses none where any waste is allowed", () => {
  assert.deepEqual(planCompaction([blob(1, 0.01)], { ...POLICY, maxWaste: 1 }), []);
});

Deno.test("planCompaction() leaves a blob that seems to be needed more than completely, since files share its chunks", () => {
  assert.deepEqual(planCompaction([{ ...blob(1, 1), liveBytes: 99 * MIB }], POLICY), []);
});

Deno.test("planCompaction() joins small blobs once there are too many", () => {
  const small = (count: number) => Array.from({ length: count }, (_, i) => blob(i, 1, MIB - 1));
  assert.deepEqual(planCompaction(small(SMALL_BLOBS_MAX), POLICY), []);
  assert.ok(planCompaction(small(SMALL_BLOBS_MAX + 1), POLICY).length >= SMALL_BLOBS_MAX);
  const large = Array.from({ length: 200 }, (_, i) => blob(i, 1, MIB));
  assert.deepEqual(planCompaction(large, POLICY), []);
});

Deno.test("planCompaction() begins with the most wasteful, and leaves the rest to later runs", () => {
  const half = Array.from({ length: 100 }, (_, i) => blob(i, 0.5));
  const chosen = planCompaction([...half, blob(1000, 0.1)], POLICY);
  assert.equal(chosen[0], 1000);
  assert.ok(chosen.length > 1 && chosen.length <= 9, `${chosen.length}`);
});

Deno.test("planCompaction() never chooses a blob twice, nor more than a sixteenth of what is needed (or 64 MiB)", () => {
  const use = fc.record({
    sizeBytes: fc.integer({ min: 1, max: 20 * MIB }),
    plainBytes: fc.integer({ min: 1, max: 60 * MIB }),
    liveBytes: fc.integer({ min: 0, max: 60 * MIB }),
  });
  fc.assert(fc.property(fc.array(use, { maxLength: 150 }), (uses) => {
    const blobs = uses.map((use, number) => ({ ...use, number }));
    const chosen = planCompaction(blobs, POLICY);
    assert.equal(new Set(chosen).size, chosen.length);
    const sum = (numbers: readonly number[]) => numbers.reduce((sum, i) => sum + blobs[i]!.liveBytes, 0);
    assert.ok(sum(chosen) <= Math.max(64 * MIB, sum(blobs.map(({ number }) => number)) / 16));
  }));
});
