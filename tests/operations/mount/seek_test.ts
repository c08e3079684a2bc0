import assert from "node:assert/strict";
import { seek } from "../../../src/operations/mount/seek.ts";

const DATA = 3;
const HOLE = 4;
const HOLES: [number, number][] = [[0, 10], [20, 5], [25, 5], [90, 10]];

const CASES: [offset: number, whence: number, found: number | undefined][] = [
  [0, HOLE, 0],
  [0, DATA, 10],
  [10, DATA, 10],
  [10, HOLE, 20],
  [20, DATA, 30],
  [22, HOLE, 22],
  [30, HOLE, 90],
  [89, DATA, 89],
  [90, DATA, undefined],
  [99, HOLE, 99],
  [100, HOLE, undefined],
  [0, 0, undefined],
];

for (const [offset, whence, found] of CASES) {
  Deno.test(`lseek from ${offset} for ${whence === DATA ? "data" : "a hole"}`, () => {
    assert.equal(seek(HOLES, 100, offset, whence), found);
  });
}

Deno.test("a file without holes has one behind its end", () => {
  assert.equal(seek([], 100, 5, HOLE), 100);
  assert.equal(seek([], 100, 5, DATA), 5);
});
