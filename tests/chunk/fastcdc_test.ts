import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../src/base/digest.ts";
import { type ChunkSizes, chunkSizes, Cutter } from "../../src/chunk/fastcdc.ts";
import { gearTable } from "../../src/chunk/gear.ts";
import { randomBytes } from "./random.ts";
import { referenceCuts } from "./reference.ts";

const SEED = new Uint8Array(32).map((_, i) => i);
const gear = gearTable(SEED);

function cuts(bytes: Uint8Array, sizes: ChunkSizes, table = gear): number[] {
  const cutter = new Cutter(table, sizes);
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; at = ends[ends.length - 1]!) {
    ends.push(cutter.cut(bytes, at, bytes.length));
  }
  return ends;
}

function lengths(ends: readonly number[]): number[] {
  return ends.map((end, i) => end - (i === 0 ? 0 : ends[i - 1]!));
}

/** Cuts a stream of which a buffer of `window` bytes is given at most `step` more at a time, as a reader of files does. */
function cutsThroughWindow(bytes: Uint8Array, sizes: ChunkSizes, window: number, step: number): number[] {
  const cutter = new Cutter(gear, sizes);
  const buffer = new Uint8Array(window);
  const ends: number[] = [];
  let position = 0;
  let filled = 0;
  let searched = 0;
  for (let read = 0; read < bytes.length || filled > 0;) {
    const take = Math.min(window - filled, bytes.length - read, step);
    buffer.set(bytes.subarray(read, read + take), filled);
    read += take;
    filled += take;
    let at = 0;
    while (at < filled) {
      const end = cutter.cut(buffer, at, filled, searched);
      searched = end - 1;
      if (end === filled && end - at < sizes.max && read < bytes.length) break;
      ends.push(position += end - at);
      at = searched = end;
    }
    buffer.copyWithin(0, at, filled);
    filled -= at;
    searched -= at;
  }
  return ends;
}

const SMALL = chunkSizes(1024);

Deno.test("Cutter cuts where a slow reference does", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 12_000 }),
      fc.constantFrom(1024, 2048),
      (seed, size, average) => {
        const bytes = randomBytes(seed, size);
        const sizes = chunkSizes(average);
        assert.deepEqual(cuts(bytes, sizes), referenceCuts(bytes, gear, sizes));
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("Cutter cuts data of few different bytes where the reference does", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 8000 }),
      fc.integer({ min: 1, max: 3 }),
      (seed, size, bits) => {
        const bytes = randomBytes(seed, size).map((byte) => byte >> (8 - bits));
        assert.deepEqual(cuts(bytes, SMALL), referenceCuts(bytes, gear, SMALL));
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("Cutter gives the same chunks through windows of any size from the largest chunk on, shown in any steps", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: SMALL.max, max: 5 * SMALL.max }),
      fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 10_000 })),
      fc.integer({ min: 0, max: 7 }),
      (seed, size, window, step, bits) => {
        const bytes = randomBytes(seed, size).map((byte) => byte >> bits);
        assert.deepEqual(cutsThroughWindow(bytes, SMALL, window, step), cuts(bytes, SMALL));
      },
    ),
  );
});

Deno.test("Cutter gives the same chunks wherever in a buffer they are", () => {
  const bytes = randomBytes(5, 50_000);
  const shifted = new Uint8Array(bytes.length + 777);
  shifted.set(bytes, 777);
  const cutter = new Cutter(gear, SMALL);
  let at = 777;
  for (const end of cuts(bytes, SMALL)) {
    at = cutter.cut(shifted, at, shifted.length);
    assert.equal(at, end + 777);
  }
});

Deno.test("Cutter changes few chunks where bytes are put in at the front or in the middle", () => {
  const bytes = randomBytes(7, 1 << 20);
  for (const [at, added] of [[0, 1], [0, 4000], [500_000, 3], [1 << 19, 100]] as const) {
    const changed = new Uint8Array(bytes.length + added);
    changed.set(bytes.subarray(0, at));
    changed.set(randomBytes(8, added), at);
    changed.set(bytes.subarray(at), at + added);
    const known = idsOf(bytes);
    const fresh = [...idsOf(changed)].filter((id) => !known.has(id));
    assert.ok(
      fresh.length <= 8 + added / SMALL.average,
      `${fresh.length} of ${known.size} chunks are new after ${added} bytes at ${at}`,
    );
  }
});

function idsOf(bytes: Uint8Array): Set<string> {
  let start = 0;
  return new Set(cuts(bytes, SMALL).map((end) => sha256Hex(bytes.subarray(start, start = end))));
}

Deno.test("Cutter keeps every chunk but the last between the least and the largest size", () => {
  for (const average of [1024, 4096, 65536]) {
    const sizes = chunkSizes(average);
    const all = lengths(cuts(randomBytes(average, 64 * average), sizes));
    assert.ok(all.slice(0, -1).every((length) => length > sizes.min && length <= sizes.max));
    assert.ok(all[all.length - 1]! <= sizes.max);
  }
});

Deno.test("Cutter comes near the average size on random data", () => {
  for (const average of [1024, 8192]) {
    const count = cuts(randomBytes(3, 1500 * average), chunkSizes(average)).length;
    const mean = 1500 * average / count;
    assert.ok(mean > 0.9 * average && mean < 1.4 * average, `${mean} on average instead of ${average}`);
  }
});

Deno.test("Cutter cuts constant data at the largest size, unless its hash happens to end chunks", () => {
  const size = 10 * SMALL.max + 5;
  for (const byte of [0, 1, 0x41, 0xff]) {
    const all = new Set(lengths(cuts(new Uint8Array(size).fill(byte), SMALL)).slice(0, -1));
    assert.deepEqual([...all], [SMALL.max], `byte ${byte}`);
  }
});

const ENDS: [size: number, cuts: number[]][] = [
  [0, []],
  [1, [1]],
  [SMALL.min - 1, [SMALL.min - 1]],
  [SMALL.min, [SMALL.min]],
  [SMALL.min + 1, [SMALL.min + 1]],
  [SMALL.average, [SMALL.average]],
  [SMALL.max, [SMALL.max]],
  [SMALL.max + 1, [SMALL.max, SMALL.max + 1]],
  [2 * SMALL.max, [SMALL.max, 2 * SMALL.max]],
];

for (const [size, ends] of ENDS) {
  Deno.test(`Cutter cuts ${size} zero bytes at [${ends}]`, () => {
    assert.deepEqual(cuts(new Uint8Array(size), SMALL), ends);
  });
}

Deno.test("Cutter cuts otherwise with another seed", () => {
  const bytes = randomBytes(11, 100_000);
  const other = cuts(bytes, SMALL, gearTable(SEED.map((byte) => byte ^ 1)));
  const shared = new Set(other).intersection(new Set(cuts(bytes, SMALL)));
  assert.ok(shared.size < 10, `${shared.size} cuts in common`);
});

const GOLDEN_CUTS = [
  1469,
  1749,
  3026,
  3919,
  5349,
  6883,
  8180,
  9543,
  10613,
  11802,
  12840,
  14071,
  15120,
  16335,
  17849,
  18798,
  19836,
  20000,
];

Deno.test("Cutter cuts where it always did: backups of yesterday must find their chunks again", () => {
  assert.deepEqual(cuts(randomBytes(1, 20_000), SMALL), GOLDEN_CUTS);
});

Deno.test("chunkSizes() takes powers of two from 1024 only", () => {
  for (const average of [1024, 65536, 1 << 20, 1 << 28]) {
    assert.deepEqual(chunkSizes(average), { min: average / 4, average, max: average * 4 });
  }
  for (const average of [0, -1024, 512, 1023, 1025, 1500, 3 << 20, NaN, Infinity]) {
    assert.throws(() => chunkSizes(average), RangeError, String(average));
  }
});
