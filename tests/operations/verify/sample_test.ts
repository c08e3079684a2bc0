import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseSample } from "../../../src/operations/verify/sample.ts";

const DAY_MS = 24 * 3600 * 1000;
const blobs = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[0-9a-f]{64}$/), size: fc.integer({ min: 1, max: 100 }) }),
  {
    selector: ({ id }) => id,
    minLength: 1,
    maxLength: 40,
  },
);
const fractions = fc.constantFrom(0.01, 0.05, 0.3, 0.5, 1);

Deno.test("chooseSample() takes what was checked longest ago, and 1 / fraction runs take everything", () => {
  fc.assert(fc.property(blobs, fractions, (blobs, fraction) => {
    const checkedMs = new Map<string, number>();
    for (let run = 1; run <= Math.ceil(1 / fraction); run++) {
      const chosen = chooseSample(blobs, fraction, checkedMs, run);
      const oldest = Math.max(...chosen.map(({ id }) => checkedMs.get(id) ?? 0));
      for (const { id } of blobs) {
        if (!chosen.some((one) => one.id === id)) assert.ok((checkedMs.get(id) ?? 0) >= oldest);
      }
      for (const { id } of chosen) checkedMs.set(id, run);
    }
    assert.equal(checkedMs.size, blobs.length);
  }));
});

Deno.test("chooseSample() takes a part of the bytes, not of the blobs", () => {
  const blobs = [{ id: "a", size: 50 }, { id: "b", size: 10 }, { id: "c", size: 40 }];
  const ids = (fraction: number, checked: [string, number][]) =>
    chooseSample(blobs, fraction, new Map(checked), 0).map(({ id }) => id);
  assert.deepEqual(ids(0.5, []), ["a"]);
  assert.deepEqual(ids(0.5, [["a", 2]]), ["b", "c"]);
  assert.deepEqual(ids(0.01, [["a", 2], ["b", 1], ["c", 3]]), ["b"]);
  assert.deepEqual(ids(1, [["a", 2], ["b", 1], ["c", 3]]), ["b", "a", "c"]);
});

Deno.test("chooseSample() without a memory takes everything in 1 / fraction days, each day the same for all", () => {
  fc.assert(fc.property(blobs, fractions, (blobs, fraction) => {
    const days = Math.ceil(1 / fraction);
    const chosen: string[] = [];
    for (let day = 0; day < days; day++) {
      const morning = chooseSample(blobs, fraction, undefined, (20_000 + day) * DAY_MS);
      assert.deepEqual(
        chooseSample(blobs, fraction, undefined, (20_000 + day) * DAY_MS + DAY_MS - 1),
        morning,
      );
      chosen.push(...morning.map(({ id }) => id));
    }
    assert.deepEqual(chosen.sort(), blobs.map(({ id }) => id).sort());
  }));
});
