import assert from "node:assert/strict";
import { SpareBytes } from "../../src/base/spare_bytes.ts";

Deno.test("spare memory is taken again when it has been given back, by one at a time", () => {
  const spare = new SpareBytes(100_000);
  const first = spare.take(50_000);
  const second = spare.take(50_000);
  assert.notEqual(first.buffer, second.buffer);
  spare.give(first);
  assert.equal(spare.take(40_000), first);
  assert.notEqual(spare.take(40_000).buffer, first.buffer);
});

Deno.test("spare memory that is too small is not taken, and of two the larger is kept, up to the most", () => {
  const spare = new SpareBytes(100_000);
  const [small, large, huge] = [spare.take(20_000), spare.take(90_000), spare.take(110_000)];
  spare.give(small);
  assert.equal(spare.take(60_000).length, 60_000);
  spare.give(large);
  assert.equal(small.length, 0, "it went back to the system");
  spare.give(huge);
  assert.equal(huge.length, 0);
  assert.equal(spare.take(60_000), large);
});
