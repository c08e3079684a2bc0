import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { compressFrame } from "../../src/blob/zstd.ts";
import { decompressSteps } from "../../src/blob/zstd_steps.ts";
import { randomBytes } from "../chunk/random.ts";

const text = new TextEncoder().encode("a page of a backup, ".repeat(30_000));
const SAMPLES: [what: string, plain: Uint8Array][] = [
  ["one byte", Uint8Array.of(7)],
  ["text", text],
  ["random bytes", randomBytes(1, 700_000)],
  ["zeros", new Uint8Array(1 << 20)],
  ["text and random bytes", new Uint8Array([...text, ...randomBytes(3, 300_000), ...text])],
];
const steps = decompressSteps();
const ignore = steps === undefined;

/** What is in a frame that arrives in pieces of `size` bytes; what was said to be there after each of them has to be there. */
function arriveIn(size: number, frame: Uint8Array, room: number) {
  // What has not arrived is something else.
  const memory = new Uint8Array(frame.length).fill(0xaa);
  const into = new Uint8Array(new SharedArrayBuffer(room));
  const arriving = steps!(memory, into);
  const seen: Uint8Array[] = [];
  for (let at = 0; at < frame.length; at += size) {
    const end = Math.min(frame.length, at + size);
    memory.set(frame.subarray(at, end), at);
    const there = arriving.arrived(end);
    if (there !== undefined) seen.push(new Uint8Array(into.subarray(0, there)));
  }
  return { isWhole: arriving.isWhole, plain: new Uint8Array(into), seen };
}

for (const [what, plain] of SAMPLES) {
  Deno.test({
    name: `a frame of ${what} that arrives in pieces is decompressed as far as it is there`,
    ignore,
    fn: () => {
      for (const level of [1, 3, 19]) {
        const frame = compressFrame(plain, level);
        for (const size of [frame.length, 65_536, 1_000 + frame.length % 977]) {
          const { isWhole, plain: found, seen } = arriveIn(size, frame, plain.length);
          assert.equal(isWhole, true);
          assert.ok(Buffer.from(plain).equals(found));
          for (const part of seen) assert.ok(Buffer.from(part).equals(plain.subarray(0, part.length)));
        }
      }
    },
  });
}

Deno.test({
  name: "a frame is not whole that is cut short, goes on, has another length, or a wrong bit in its header",
  ignore,
  fn: () => {
    const plain = SAMPLES[4]![1];
    const frame = compressFrame(plain, 3);
    const broken: [Uint8Array, number][] = [
      [frame.subarray(0, -1), plain.length],
      [frame.subarray(0, 4), plain.length],
      [new Uint8Array([...frame, 0]), plain.length],
      [frame, plain.length + 1],
      [frame, plain.length - 1],
      [frame.with(0, 1), plain.length],
      [frame.with(4, frame[4]! ^ 8), plain.length],
    ];
    for (const [bytes, room] of broken) assert.equal(arriveIn(65_536, bytes, room).isWhole, false);
    assert.equal(arriveIn(65_536, frame, plain.length).isWhole, true);
  },
});
