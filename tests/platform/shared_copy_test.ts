import assert from "node:assert/strict";
import fc from "fast-check";
import { copyBytes } from "../../src/platform/shared_copy.ts";

const buffers = { shared: SharedArrayBuffer, "of one thread": ArrayBuffer };
const LENGTH = 100;

for (const [what, Buffer] of Object.entries(buffers)) {
  Deno.test(`bytes are copied to where they belong in memory that is ${what}, and nothing beside them changes`, () => {
    const position = fc.nat({ max: LENGTH });
    fc.assert(fc.property(fc.uint8Array({ maxLength: LENGTH }), position, position, (bytes, start, at) => {
      const to = new Uint8Array(new Buffer(LENGTH), start).fill(7);
      const expected = Array.from(to);
      if (at + bytes.length > to.length) {
        assert.throws(() => copyBytes(bytes, to, at), RangeError);
      } else {
        copyBytes(bytes, to, at);
        expected.splice(at, bytes.length, ...bytes);
      }
      assert.deepEqual([...to], expected);
    }));
  });
}

Deno.test("bytes of any length are copied, from within a larger buffer too", () => {
  const from = crypto.getRandomValues(new Uint8Array(65_536)).subarray(3, 60_000);
  const to = new Uint8Array(new SharedArrayBuffer(300_000)).subarray(1);
  copyBytes(from, to, 200_001);
  assert.deepEqual(to.slice(200_001, 200_001 + from.length), from);
  assert.ok(to.subarray(0, 200_001).every((byte) => byte === 0));
});
