import assert from "node:assert/strict";
import { FrameCompressor } from "../../src/blob/frame_compressor.ts";
import { decompressFrame } from "../../src/blob/zstd.ts";
import { loadSystemCompress } from "../../src/platform/linux/libzstd.ts";
import { zstdDecompressSync } from "node:zlib";
import { randomBytes } from "../chunk/random.ts";

const text = new TextEncoder().encode("a line of a log that is much like all others, 1234\n".repeat(30_000));
const PLAINS = [
  randomBytes(1, 300_000),
  text,
  randomBytes(2, 10),
  new Uint8Array(2 << 20),
  text.subarray(0, 50),
];

for (const level of [1, 3, 9]) {
  Deno.test(`frames that are made one after the other in the same memory open, at level ${level}`, () => {
    const compressor = new FrameCompressor(level);
    for (const plain of [...PLAINS, ...PLAINS]) {
      const frame = compressor.compress(plain);
      assert.deepEqual(new Uint8Array(zstdDecompressSync(frame)), plain, "by the runtime");
      assert.deepEqual(new Uint8Array(decompressFrame(frame, plain.length)), plain);
      // It states its plain size: RFC 8878, 3.1.1.1.
      assert.notEqual(frame[4]! & 0b1110_0000, 0);
      compressor.giveBack(frame);
    }
  });
}

const compress = loadSystemCompress(3, []);

Deno.test({
  name: "the system's library makes no frame where there is no room for it, or where a parameter is none",
  ignore: compress === undefined,
  fn() {
    assert.equal(compress!(text, new Uint8Array(3)), undefined);
    assert.notEqual(compress!(text, new Uint8Array(text.length)), undefined);
    assert.equal(loadSystemCompress(3, [[123_456, 1]]), undefined);
  },
});
