import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { concatBytes } from "../../src/base/bytes.ts";
import { PADDED_BELOW, paddingFor, paddingFrame, padmeLength } from "../../src/blob/padding.ts";
import { compressFrame } from "../../src/blob/zstd.ts";

Deno.test("padmeLength rounds as the paper's table has it", () => {
  const cases: [number, number][] = [[1, 1], [2, 2], [9, 10], [17, 18], [100, 104], [1000, 1024], [
    65_537,
    67_584,
  ]];
  for (const [length, padded] of cases) assert.equal(padmeLength(length), padded, String(length));
});

Deno.test("padding makes every length one of few, costs little, and is none or room for a frame", () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: PADDED_BELOW }), (length) => {
    const padding = paddingFor(length);
    assert.ok(padding === 0 || padding >= 8);
    assert.equal(padmeLength(length + padding), length + padding);
    assert.ok(padding <= length / 8 + 16);
    if (length >= 65_536) assert.ok(padding <= length / 32 + 8);
  }));
});

Deno.test("zstd passes over padding", () => {
  const plain = new TextEncoder().encode("contents");
  const padded = concatBytes([compressFrame(plain, 3), paddingFrame(1000)]);
  assert.deepEqual(new Uint8Array(zstdDecompressSync(padded)), plain);
  assert.equal(paddingFrame(8).length, 8);
});
