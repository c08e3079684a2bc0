import assert from "node:assert/strict";
import { BufferRing } from "../../src/write/buffer_ring.ts";

Deno.test("BufferRing gives so many buffers and makes the next taker wait", async () => {
  const ring = new BufferRing(2, 100);
  const [first, second] = [await ring.take(), await ring.take()];
  assert.deepEqual([first.byteLength, second.byteLength], [100, 100]);
  assert.notEqual(first, second);
  let third: SharedArrayBuffer | undefined;
  const waiting = ring.take().then((buffer) => third = buffer);
  await Promise.resolve();
  assert.equal(third, undefined);
  ring.give(second);
  await waiting;
  assert.equal(third, second, "buffers go round");
});

Deno.test("BufferRing serves takers in the order of asking, and never more than there are buffers", async () => {
  const ring = new BufferRing(3, 10);
  const order: number[] = [];
  let out = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    const buffer = await ring.take(i % 7 === 0 ? 25 : 0);
    order.push(i);
    most = Math.max(most, ++out);
    assert.ok(buffer.byteLength >= (i % 7 === 0 ? 25 : 10));
    for (let turn = 0; turn < i % 5; turn++) await Promise.resolve();
    out--;
    ring.give(i % 11 === 0 ? new SharedArrayBuffer(0) : buffer);
  }));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  assert.equal(most, 3);
});

Deno.test("BufferRing makes a larger buffer where one is asked for, and does not keep it", async () => {
  const ring = new BufferRing(1, 10);
  const large = await ring.take(11);
  assert.equal(large.byteLength, 11);
  ring.give(large);
  assert.equal((await ring.take(10)).byteLength, 10);
});

Deno.test("BufferRing at rest gives back the memory of free buffers, which can be used again", async () => {
  const ring = new BufferRing(1, 4 << 20);
  const bytes = new Uint8Array(await ring.take()).fill(7);
  ring.give(bytes.buffer);
  ring.rest();
  const again = new Uint8Array(await ring.take());
  assert.equal(again.buffer, bytes.buffer);
  // Memory that was given back comes as zeros; at the edges are less than two pages that were not.
  assert.ok(again.filter((byte) => byte === 7).length < 2 * 65536);
  assert.ok(again.fill(9).every((byte) => byte === 9));
});
