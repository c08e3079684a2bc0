import assert from "node:assert/strict";
import { restoreMemory } from "../../../src/operations/restore/memory_budget.ts";

const MIB = 2 ** 20;

Deno.test("a restore divides its memory: what pages leave is for fetches, and there is never less than a blob takes", () => {
  const table: [
    memoryMib: number | undefined,
    writers: number,
    windowMib: number,
    textMib: number,
    fetchMib: number,
  ][] = [
    [undefined, 2, 37, 37, 37],
    [undefined, 2, 37, 1, 73],
    [256, 1, 47, 47, 47],
    [1024, 8, 361, 361, 361],
    [128, 2, 4, 4, 17],
    [1, 1, 4, 1, 17],
  ];
  for (const [memory, writers, windowMib, textMib, fetchMib] of table) {
    const divided = restoreMemory({ memoryBytes: memory && memory * MIB, writers });
    assert.equal(divided.windowBytes, windowMib * MIB);
    assert.equal(divided.fetchBytes(textMib * MIB), fetchMib * MIB);
  }
});
