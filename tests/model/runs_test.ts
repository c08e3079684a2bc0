import assert from "node:assert/strict";
import fc from "fast-check";
import { cutRuns } from "../../src/model/runs.ts";

const LENGTH = { min: 2, zeroBits: 4, max: 5 };
const identity = (id: string) => id;
/** An id that ends a run, where that is long enough, is written as 0, another as 1. */
const idsOf = (text: string) => [...text].map((digit) => (digit === "0" ? "fff0" : "0001"));

const CUTS: [ids: string, lengths: number[]][] = [
  ["", [0]],
  ["1", [1]],
  ["0", [1]],
  ["10", [2, 0]],
  ["00", [2, 0]],
  ["01", [2]],
  ["0110", [4, 0]],
  ["1111", [4]],
  ["11111", [5, 0]],
  ["111110", [5, 1]],
  ["1111101", [5, 2]],
  ["1111100", [5, 2, 0]],
  ["100101", [2, 3, 1]],
];

for (const [ids, lengths] of CUTS) {
  Deno.test(`cutRuns() cuts "${ids}" into ${lengths.join(" + ")}`, () => {
    const { full, rest } = cutRuns(idsOf(ids), identity, LENGTH);
    assert.deepEqual([...full.map(({ length }) => length), rest.length], lengths);
    assert.deepEqual([...full.flat(), ...rest], idsOf(ids));
  });
}

Deno.test("an item that goes moves the cuts near it and no others", () => {
  const ids = fc.sample(fc.integer({ min: 0, max: 0xffff }), { numRuns: 2_000, seed: 7 })
    .map((id, i) => `${i} ${id.toString(16).padStart(4, "0")}`);
  const runs = (of: readonly string[]) => cutRuns(of, identity, { min: 4, zeroBits: 2, max: 64 }).full;
  const before = new Set(runs(ids).map((run) => run.join()));
  for (let at = 0; at < ids.length; at += 37) {
    const changed = runs(ids.toSpliced(at, 1)).filter((run) => !before.has(run.join()));
    assert.ok(changed.length <= 8, `${changed.length} runs of ${before.size} have changed`);
  }
});
