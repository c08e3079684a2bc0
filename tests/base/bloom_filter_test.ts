import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { BloomFilter } from "../../src/base/bloom_filter.ts";

const key = (i: number) => new Uint8Array(createHash("sha256").update(String(i)).digest());

for (const bits of [32, 1024, 1 << 16]) {
  Deno.test(`BloomFilter of ${bits} bits never denies what was added`, () => {
    const filter = new BloomFilter(bits);
    for (let i = 0; i < 5000; i++) {
      filter.add(key(i));
      assert.ok(filter.mayHave(key(i)));
    }
    for (let i = 0; i < 5000; i++) assert.ok(filter.mayHave(key(i)));
  });
}

Deno.test("BloomFilter of 10 bits a key is wrong about one other key in a hundred", () => {
  const filter = new BloomFilter(1 << 17);
  for (let i = 0; i < 13_000; i++) filter.add(key(i));
  let wrong = 0;
  for (let i = 100_000; i < 120_000; i++) if (filter.mayHave(key(i))) wrong++;
  assert.ok(wrong < 400, `${wrong} of 20,000`);
});

Deno.test("BloomFilter denies everything while it is empty", () => {
  const filter = new BloomFilter(32);
  for (let i = 0; i < 100; i++) assert.ok(!filter.mayHave(key(i)));
});

Deno.test("BloomFilter takes a key out of the middle of a list", () => {
  const filter = new BloomFilter(1 << 12);
  const keys = new Uint8Array(96);
  keys.set(key(1), 8);
  filter.add(keys, 8);
  assert.ok(filter.mayHave(key(1)));
  assert.ok(!filter.mayHave(keys, 40));
});
