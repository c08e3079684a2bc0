import assert from "node:assert/strict";
import fc from "fast-check";
import { chunkOffsets, dataExtents, keepHoles } from "../../src/chunk/extents.ts";

type Hole = [offset: number, length: number];

const EXTENTS: [what: string, holes: Hole[], size: number, extents: Hole[]][] = [
  ["an empty file", [], 0, []],
  ["a file without holes", [], 10, [[0, 10]]],
  ["a file that is a hole", [[0, 10]], 10, []],
  ["a hole at the start", [[0, 4]], 10, [[4, 6]]],
  ["a hole in the middle", [[4, 2]], 10, [[0, 4], [6, 4]]],
  ["a hole at the end", [[6, 4]], 10, [[0, 6]]],
  ["holes that touch", [[2, 2], [4, 2]], 10, [[0, 2], [6, 4]]],
  ["holes at both ends", [[0, 1], [9, 1]], 10, [[1, 8]]],
];

for (const [what, holes, size, extents] of EXTENTS) {
  Deno.test(`dataExtents() of ${what}`, () => {
    assert.deepEqual(dataExtents(holes, size), extents.map(([offset, length]) => ({ offset, length })));
  });
}

/** A file as runs of data and hole, one after the other, the holes with their place. */
const layout = fc.array(fc.tuple(fc.nat({ max: 20 }), fc.integer({ min: 1, max: 20 })), { maxLength: 8 })
  .chain((runs) => fc.tuple(fc.constant(runs), fc.nat({ max: 20 })))
  .map(([runs, tail]) => {
    const holes: Hole[] = [];
    let at = 0;
    for (const [data, hole] of runs) {
      holes.push([at + data, hole]);
      at += data + hole;
    }
    return { holes, size: at + tail };
  });

Deno.test("dataExtents() and the holes cover each byte of a file once", () => {
  fc.assert(fc.property(layout, ({ holes, size }) => {
    const times = new Uint8Array(size);
    for (const [offset, length] of holes) for (let i = 0; i < length; i++) times[offset + i]!++;
    for (const { offset, length } of dataExtents(holes, size)) {
      assert.ok(length > 0);
      for (let i = 0; i < length; i++) times[offset + i]!++;
    }
    assert.ok(times.every((count) => count === 1));
  }));
});

Deno.test("chunkOffsets() puts the chunks of all extents back where they came from", () => {
  fc.assert(fc.property(layout, fc.integer({ min: 1, max: 7 }), ({ holes, size }, most) => {
    const offsetOf = chunkOffsets(holes);
    for (const { offset, length } of dataExtents(holes, size)) {
      for (let done = 0; done < length; done += most) {
        assert.equal(offsetOf(Math.min(most, length - done)), offset + done);
      }
    }
  }));
});

Deno.test("keepHoles() drops holes smaller than a page of memory", () => {
  const holes: Hole[] = [[0, 4095], [8192, 4096], [20_000, 1], [40_960, 1 << 30]];
  assert.deepEqual(keepHoles(holes), [[8192, 4096], [40_960, 1 << 30]]);
});

const COUNTS: [small: number, large: number, kept: number][] = [
  [0, 0, 0],
  [1024, 0, 1024],
  [1025, 0, 0],
  [1024, 1, 1],
  [1023, 1, 1024],
  [5000, 1024, 1024],
];

for (const [small, large, kept] of COUNTS) {
  Deno.test(`keepHoles() keeps ${kept} of ${small} holes of 4 KiB and ${large} of 64 KiB`, () => {
    const holes = Array.from({ length: small + large }, (_, i): Hole => [i << 20, i < small ? 4096 : 65536]);
    assert.equal(keepHoles(holes).length, kept);
  });
}
