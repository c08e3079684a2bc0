import assert from "node:assert/strict";
import fc from "fast-check";
import { drawNumbers, seeded, shuffled } from "../../../src/base/chance.ts";

Deno.test("drawNumbers() gives different numbers in range, as many as there are, the same for the same seed", () => {
  fc.assert(fc.property(fc.nat(300), fc.nat(300), fc.nat(), (below, count, seed) => {
    const drawn = drawNumbers(below, count, seeded(seed));
    assert.equal(drawn.length, Math.min(below, count));
    assert.equal(new Set(drawn).size, drawn.length);
    assert.ok(drawn.every((number) => number >= 0 && number < below));
    assert.deepEqual(drawNumbers(below, count, seeded(seed)), drawn);
  }));
});

Deno.test("drawNumbers() draws each number about as often as any other", () => {
  const random = seeded(1);
  const counts = new Array(10).fill(0);
  for (let i = 0; i < 10_000; i++) for (const number of drawNumbers(10, 3, random)) counts[number]++;
  assert.ok(counts.every((count) => Math.abs(count - 3000) < 300), counts.join());
});

Deno.test("shuffled() keeps all items", () => {
  fc.assert(fc.property(fc.array(fc.nat()), fc.nat(), (items, seed) => {
    assert.deepEqual(shuffled(items, seeded(seed)).toSorted(), items.toSorted());
  }));
});
