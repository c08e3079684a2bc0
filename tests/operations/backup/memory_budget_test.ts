import assert from "node:assert/strict";
import { blobBuffers, blobRing, withinMemory } from "../../../src/operations/backup/memory_budget.ts";

const MIB = 2 ** 20;
const OPTIONS = { readers: 2, connections: 8, blobSizeBytes: 16 * MIB, chunkSizeBytes: MIB };

Deno.test("withinMemory(): blobs become smaller before connections do, readers are given up before blobs are small", () => {
  const cases: [object, { readers: number; blobs: number }][] = [
    [{ memoryBytes: 1024 * MIB }, { readers: 2, blobs: 16 }],
    [{}, { readers: 2, blobs: 9 }],
    [{ connections: 2 }, { readers: 2, blobs: 10 }],
    [{ readers: 4 }, { readers: 3, blobs: 6 }],
    [{ readers: 1 }, { readers: 1, blobs: 12 }],
    [{ memoryBytes: 128 * MIB }, { readers: 1, blobs: 4 }],
    [{ blobSizeBytes: 6 * MIB, memoryBytes: 208 * MIB }, { readers: 1, blobs: 6 }],
    [{ blobSizeBytes: 128 * MIB, chunkSizeBytes: 16 * MIB }, { readers: 1, blobs: 64 }],
  ];
  for (const [change, expected] of cases) {
    const { readers, busyBlobBytes } = withinMemory({ ...OPTIONS, ...change });
    assert.deepEqual({ readers, blobs: busyBlobBytes / MIB }, expected, JSON.stringify(change));
  }
});

Deno.test("withinMemory(): more than 8 uploads at a time only as far as their blobs stay large", () => {
  const cases: [object, { uploads: number; blobs: number }][] = [
    [{ connections: 16 }, { uploads: 9, blobs: 8 }],
    [{ connections: 64 }, { uploads: 9, blobs: 8 }],
    [{ connections: 16, memoryBytes: 512 * MIB }, { uploads: 16, blobs: 16 }],
    [{ connections: 16, memoryBytes: 128 * MIB }, { uploads: 8, blobs: 4 }],
    [{ connections: 16, readers: 4 }, { uploads: 8, blobs: 6 }],
    [{ connections: 16, blobSizeBytes: 4 * MIB, chunkSizeBytes: MIB / 4 }, { uploads: 16, blobs: 4 }],
  ];
  for (const [change, expected] of cases) {
    const { connections, busyBlobBytes } = withinMemory({ ...OPTIONS, ...change });
    assert.deepEqual({ uploads: connections, blobs: busyBlobBytes / MIB }, expected, JSON.stringify(change));
  }
});

Deno.test("withinMemory(): while no blob waits for the line they are as large as configured, if one for each reader and two more have room", () => {
  const cases: [object, number][] = [
    [{ connections: 16 }, 16],
    [{ connections: 2 }, 10],
    [{ connections: 2, memoryBytes: 512 * MIB }, 16],
    [{ connections: 16, readers: 3 }, 6],
    [{ connections: 16, readers: 1 }, 16],
    [{ connections: 16, memoryBytes: 128 * MIB }, 4],
    [{ connections: 16, blobSizeBytes: 64 * MIB }, 8],
    [{ connections: 16, blobSizeBytes: 64 * MIB, memoryBytes: 1024 * MIB }, 64],
  ];
  for (const [change, blobs] of cases) {
    assert.equal(withinMemory({ ...OPTIONS, ...change }).blobSizeBytes / MIB, blobs, JSON.stringify(change));
  }
});

Deno.test("blobBuffers(): all connections can be busy while one more blob is filled", () => {
  assert.equal(blobBuffers(OPTIONS), 9);
  assert.equal(blobBuffers({ ...OPTIONS, readers: 4, connections: 1 }), 5);
});

Deno.test("blobRing(): memory is short from 20 MiB below what is configured on", () => {
  const options = withinMemory({ ...OPTIONS, memoryBytes: 200 * MIB });
  const { isMemoryShort } = blobRing(options, () => 176 * MIB);
  assert.deepEqual([4 * MIB, 4 * MIB + 1].map((bytes) => isMemoryShort!(bytes)), [false, true]);
});
