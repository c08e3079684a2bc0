import assert from "node:assert/strict";
import { gearTable, SEED_BYTES } from "../../src/chunk/gear.ts";

Deno.test("gearTable() gives 256 different numbers of 32 bits", () => {
  const table = gearTable(new Uint8Array(SEED_BYTES));
  assert.equal(table.length, 256);
  assert.equal(new Set(table).size, 256);
});

Deno.test("gearTable() has about as many ones as zeros in each bit", () => {
  const table = gearTable(new Uint8Array(SEED_BYTES).fill(9));
  for (let bit = 0; bit < 32; bit++) {
    const ones = table.filter((number) => (number >>> bit) & 1).length;
    assert.ok(ones > 85 && ones < 171, `bit ${bit} is set in ${ones} of 256`);
  }
});

const GOLDEN_NUMBERS = [
  -888334565,
  1876509835,
  1383082071,
  944983188,
  1483510557,
  -1021426570,
  1735033771,
  -1555974211,
];

Deno.test("gearTable() is derived as it always was: number i is the front of SHA-256(seed, i), little-endian", () => {
  const table = gearTable(new Uint8Array(SEED_BYTES).map((_, i) => i));
  assert.deepEqual([...table.subarray(0, 4), ...table.subarray(252)], GOLDEN_NUMBERS);
});

Deno.test("gearTable() gives another table for another seed", () => {
  const table = gearTable(new Uint8Array(SEED_BYTES));
  const other = gearTable(new Uint8Array(SEED_BYTES).fill(1, 31));
  assert.equal(table.filter((number, i) => number === other[i]).length, 0);
});

for (const size of [0, 31, 33]) {
  Deno.test(`gearTable() refuses a seed of ${size} bytes`, () => {
    assert.throws(() => gearTable(new Uint8Array(size)), RangeError);
  });
}
