import assert from "node:assert/strict";
import fc from "fast-check";
import { createHash } from "node:crypto";
import {
  runtimeSha256Into,
  runtimeSha256Parts,
  sha256Into,
  sha256Parts,
  systemSha256Into,
} from "../../src/platform/sha256.ts";

const system = systemSha256Into();
const HASHES = { system, runtime: runtimeSha256Into, chosen: sha256Into };

for (const [name, hashInto] of Object.entries(HASHES)) {
  if (hashInto === undefined) continue;

  Deno.test(`sha256Into(), ${name}: writes what node:crypto hashes any bytes to, and nothing around it`, () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(fc.property(bytes, fc.nat(40), (bytes, at) => {
      const into = new Uint8Array(at + 32 + 5).fill(7);
      hashInto(bytes, into, at);
      const expected = new Uint8Array(into.length).fill(7);
      expected.set(createHash("sha256").update(bytes).digest(), at);
      assert.deepEqual(into, expected);
    }));
  });

  Deno.test(`sha256Into(), ${name}: takes parts of large buffers`, () => {
    const buffer = new Uint8Array(5_000_000).map((_, i) => i * 31);
    const into = new Uint8Array(96);
    const part = buffer.subarray(1001, 4_200_000);
    hashInto(part, into.subarray(32), 32);
    assert.deepEqual(into.subarray(64), new Uint8Array(createHash("sha256").update(part).digest()));
    assert.deepEqual(into.subarray(0, 64), new Uint8Array(64));
  });
}

Deno.test("sha256Into() writes nothing where there is not enough room", () => {
  if (system === undefined) return;
  const memory = new Uint8Array(64).fill(7);
  assert.throws(() => system(memory, memory.subarray(0, 40), 9), RangeError);
  assert.deepEqual(memory, new Uint8Array(64).fill(7));
});

for (const [name, parts] of Object.entries({ runtime: runtimeSha256Parts(), chosen: sha256Parts() })) {
  Deno.test(`sha256Parts(), ${name}: hashes parts as what they are parts of, one hash after the other`, () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
    fc.assert(fc.property(pieces, (pieces) => {
      const into = new Uint8Array(34);
      parts.begin();
      parts.add(Uint8Array.of(1)); // of a hash that is given up
      parts.begin();
      for (const piece of pieces) parts.add(piece);
      parts.end(into, 1);
      const expected = createHash("sha256").update(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
      assert.deepEqual(into, new Uint8Array([0, ...expected.digest(), 0]));
    }));
  });
}
