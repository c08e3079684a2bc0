import assert from "node:assert/strict";
import fc from "fast-check";
import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  fromLatin1,
  release,
  toBase64,
  toHex,
  toLatin1,
  view,
} from "../../src/base/bytes.ts";

const CODECS: [name: string, to: (bytes: Uint8Array) => string, from: (text: string) => Uint8Array][] = [
  ["hex", toHex, fromHex],
  ["base64", toBase64, fromBase64],
  ["latin1", toLatin1, fromLatin1],
];

for (const [name, to, from] of CODECS) {
  Deno.test(`bytes survive a round trip through ${name}, also as part of a larger buffer`, () => {
    fc.assert(fc.property(fc.uint8Array(), fc.nat({ max: 9 }), (bytes, skip) => {
      assert.deepEqual(from(to(bytes)), bytes);
      const part = bytes.subarray(skip);
      assert.deepEqual(from(to(part)), part.slice());
    }));
  });
}

Deno.test("toLatin1() gives texts that are ordered as their bytes are", () => {
  fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
    const order = view(a).compare(view(b));
    const [left, right] = [toLatin1(a), toLatin1(b)];
    assert.equal(left < right ? -1 : left > right ? 1 : 0, order);
  }));
});

Deno.test("concatBytes() joins, and gives a copy of one part", () => {
  const part = Uint8Array.of(1, 2);
  assert.deepEqual(concatBytes([]), new Uint8Array(0));
  assert.deepEqual(concatBytes([part, new Uint8Array(0), part]), Uint8Array.of(1, 2, 1, 2));
  const copy = concatBytes([part]);
  part[0] = 9;
  assert.equal(copy[0], 1);
});

Deno.test("equalBytes() compares lengths and bytes", () => {
  assert.ok(equalBytes(Uint8Array.of(), Uint8Array.of()));
  assert.ok(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2).subarray(1)));
  assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)));
  assert.ok(!equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1)));
});

Deno.test("release() takes the memory of large buffers and leaves small ones, which may be shared", () => {
  const small = new Uint8Array(16 * 1024 - 1);
  const large = new Uint8Array(16 * 1024);
  release(small);
  release(large);
  assert.deepEqual([small.length, large.length], [16 * 1024 - 1, 0]);
});
