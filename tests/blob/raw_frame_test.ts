import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameCompressor } from "../../src/blob/frame_compressor.ts";
import { rawHeaderBytes, rawPart, readRawPart } from "../../src/blob/raw_frame.ts";
import type { Frame } from "../../src/blob/seek_table.ts";
import { compressFrame } from "../../src/blob/zstd.ts";
import { randomBytes } from "../chunk/random.ts";

const BLOCK = 128 * 1024;
const SIZES = [
  1,
  255,
  256,
  65_791,
  65_792,
  BLOCK - 1,
  BLOCK,
  BLOCK + 1,
  4 * BLOCK,
  1 << 20,
  (1 << 21) + 1,
  1 << 23,
];

/** A frame that begins somewhere in a blob. */
function placed(stored: number, plain: number): Frame {
  return { storedOffset: 1000, stored, plainOffset: 7000, plain };
}

function readPart(frame: Uint8Array, plain: number, from: number, to: number): Uint8Array {
  const whole = placed(frame.length, plain);
  const part = rawPart(whole, rawHeaderBytes(whole)!, from, to);
  assert.deepEqual([part.plainOffset, part.plain], [7000 + from, to - from]);
  const at = part.storedOffset - whole.storedOffset;
  return readRawPart(frame.subarray(at, at + part.stored), part, new Uint8Array(to - from + 3));
}

for (const size of SIZES) {
  const plain = randomBytes(size, size);
  const makers = {
    "the runtime at level 1": () => compressFrame(plain, 1),
    "the runtime at level 3": () => compressFrame(plain, 3),
    "the runtime at level 19": () => compressFrame(plain, 19),
    "the frame compressor": () => new FrameCompressor(3).compress(plain),
  };
  for (const [who, make] of Object.entries(makers)) {
    if (size > 1 << 21 && who.endsWith("19")) continue; // slow
    Deno.test(`any part of ${size} bytes that do not compress is read out of the frame by ${who}`, () => {
      const frame = make();
      const edges = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, size - 1, size].filter((edge) =>
        edge >= 0 && edge <= size
      );
      for (const from of edges) {
        for (const to of edges.filter((to) => to > from)) {
          assert.deepEqual(readPart(frame, size, from, to), plain.subarray(from, to), `${from} to ${to}`);
        }
      }
    });
  }
}

Deno.test("any part of any bytes that do not compress is read as it is", () => {
  const plain = randomBytes(1, 5 * BLOCK + 99);
  const frame = compressFrame(plain, 3);
  const edge = fc.integer({ min: 0, max: plain.length });
  fc.assert(fc.property(edge, edge, (a, b) => {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    fc.pre(from < to);
    assert.deepEqual(readPart(frame, plain.length, from, to), plain.subarray(from, to));
  }));
});

Deno.test("a frame in which 4 KiB compress is not taken for a raw one, whatever its length", () => {
  for (const size of [BLOCK - 1, BLOCK, 5 * BLOCK, 1 << 20]) {
    for (const zeros of [4096, BLOCK / 2, size]) {
      const plain = randomBytes(size, size);
      plain.fill(0, 0, zeros);
      const { length } = compressFrame(plain, 3);
      assert.equal(rawHeaderBytes(placed(length, size)), undefined, `${zeros} of ${size}`);
    }
  }
});
