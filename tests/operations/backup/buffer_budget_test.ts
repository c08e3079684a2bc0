import assert from "node:assert/strict";
import { blobBuffers } from "../../../src/operations/backup/buffer_budget.ts";

const MIB = 2 ** 20;

Deno.test("blobBuffers(): a blob for each reader and each connection, as far as the memory goes, and always one on its way", () => {
  const cases: [object, number][] = [
    [{ connections: 2 }, 4],
    [{ connections: 8, memoryBytes: 1024 * MIB }, 10],
    [{ connections: 8, memoryBytes: 256 * MIB }, 8],
    [{ connections: 8, memoryBytes: 128 * MIB }, 3],
    [{ connections: 8, memoryBytes: 256 * MIB, blobSizeBytes: 512 * MIB }, 3],
    [{ connections: 8, memoryBytes: 256 * MIB, readers: 4 }, 6],
  ];
  for (const [change, expected] of cases) {
    assert.equal(
      blobBuffers({ readers: 2, blobSizeBytes: 16 * MIB, ...change }),
      expected,
      JSON.stringify(change),
    );
  }
});
