import assert from "node:assert/strict";
import { isPortable } from "../../src/platform/libc.ts";
import { BufferRing, type LentBuffer } from "../../src/write/buffer_ring.ts";

const MIB = 1 << 20;
/** Bytes a second that are just enough. */
const QUICK = 60e6;

Deno.test("BufferRing gives so many buffers and makes the next taker wait", async () => {
  const ring = new BufferRing({ count: 2, sizeBytes: 100 });
  const [first, second] = [await ring.take(), await ring.take()];
  assert.deepEqual([first.buffer.byteLength, second.buffer.byteLength], [100, 100]);
  assert.notEqual(first.buffer, second.buffer);
  let third: LentBuffer | undefined;
  const waiting = ring.take().then((lent) => third = lent);
  await Promise.resolve();
  assert.equal(third, undefined);
  ring.give(second);
  await waiting;
  assert.equal(third!.buffer, second.buffer, "buffers go round");
});

Deno.test("BufferRing serves takers in the order of asking, and never more than there are buffers", async () => {
  const ring = new BufferRing({ count: 3, sizeBytes: 10 });
  const order: number[] = [];
  let out = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    const lent = await ring.take(i % 7 === 0 ? 25 : 0);
    order.push(i);
    most = Math.max(most, ++out);
    assert.ok(lent.buffer.byteLength >= (i % 7 === 0 ? 25 : 10));
    for (let turn = 0; turn < i % 5; turn++) await Promise.resolve();
    out--;
    ring.give(i % 11 === 0 ? { ...lent, buffer: new SharedArrayBuffer(0) } : lent);
  }));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  assert.equal(most, 3);
});

Deno.test("BufferRing makes a larger buffer where one is asked for, and does not keep it", async () => {
  const ring = new BufferRing({ count: 1, sizeBytes: 10 });
  const large = await ring.take(11);
  assert.deepEqual([large.buffer.byteLength, large.roomBytes], [11, 10]);
  ring.give(large);
  assert.equal((await ring.take(10)).buffer.byteLength, 10);
});

/** A ring with room for `count` buffers of 8, large ones of 16, that has got one back over a quick line. */
async function quickRing(count: number, unit = 1): Promise<BufferRing> {
  const ring = new BufferRing({ count, sizeBytes: 8 * unit, largeBytes: 16 * unit });
  ring.give(await ring.take(), QUICK);
  return ring;
}

Deno.test("BufferRing gives small buffers until one came back over a quick line, and again after a rest or a slow one", async () => {
  const ring = new BufferRing({ count: 10, sizeBytes: 8, largeBytes: 16 });
  const [first, second] = [await ring.take(), await ring.take()];
  assert.deepEqual([first.roomBytes, second.roomBytes], [8, 8]);
  ring.give(first, QUICK);
  const third = await ring.take();
  assert.deepEqual([third.roomBytes, third.buffer.byteLength], [16, 16]);
  ring.give(third, QUICK);
  ring.rest();
  const fourth = await ring.take();
  assert.equal(fourth.roomBytes, 8);
  ring.give(second, QUICK);
  ring.give(fourth);
  assert.equal((await ring.take()).roomBytes, 8);
});

Deno.test("BufferRing gives large buffers as long as a small one has room beside, and small ones where takers wait", async () => {
  const ring = await quickRing(10);
  const lent: LentBuffer[] = [];
  for (let i = 0; i < 6; i++) lent.push(await ring.take());
  assert.deepEqual(lent.map(({ roomBytes }) => roomBytes), [16, 16, 16, 16, 8, 8]);
  const waiting = [ring.take(), ring.take(), ring.take()];
  for (const large of lent.splice(0, 2)) ring.give(large);
  for (const each of waiting) lent.push(await each);
  assert.deepEqual(lent.map(({ roomBytes }) => roomBytes), [16, 16, 8, 8, 8, 8, 8]);
  for (const each of lent) ring.give(each, QUICK);
  assert.equal((await ring.take()).roomBytes, 16, "they come back again as they are needed");
});

Deno.test("BufferRing gives a large buffer where a small one more just has room, and none where it has not", async () => {
  for (const [count, last] of [[10, 16], [9, 8]] as const) {
    const ring = new BufferRing({ count, sizeBytes: 8, largeBytes: 16 });
    const first = await ring.take();
    await ring.take();
    ring.give(first, QUICK);
    const lent: LentBuffer[] = [];
    for (let i = 0; i < 4; i++) lent.push(await ring.take());
    assert.deepEqual(lent.map(({ roomBytes }) => roomBytes), [16, 16, 16, last]);
  }
});

Deno.test("BufferRing never lends more than its room, and gives memory of free buffers back for those of the other size", async () => {
  const ring = await quickRing(4, MIB);
  const large = await ring.take();
  const contents = new Uint8Array(large.buffer).fill(7);
  const lent = [large, await ring.take(), await ring.take()];
  assert.deepEqual(lent.map(({ roomBytes }) => roomBytes / MIB), [16, 8, 8]);
  const waiting = [ring.take(), ring.take()];
  ring.give(large);
  assert.deepEqual((await Promise.all(waiting)).map(({ roomBytes }) => roomBytes / MIB), [8, 8]);
  // Memory that was given back comes as zeros; at the edges are less than two pages that were not.
  assert.ok(contents.filter((byte) => byte === 7).length < 2 * 65536);
});

Deno.test("BufferRing at rest gives back the memory of free buffers, which can be used again", async () => {
  const ring = new BufferRing({ count: 1, sizeBytes: 4 << 20 });
  const lent = await ring.take();
  const bytes = new Uint8Array(lent.buffer).fill(7);
  ring.give(lent);
  ring.rest();
  const again = new Uint8Array((await ring.take()).buffer);
  assert.equal(again.buffer, bytes.buffer);
  assert.ok(again.filter((byte) => byte === 7).length < 2 * 65536);
  assert.ok(again.fill(9).every((byte) => byte === 9));
});

/** What of `promise` is there by now. */
async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  return await Promise.race([
    promise,
    new Promise<undefined>((resolve) => void setTimeout(resolve, 0, undefined)),
  ]);
}

Deno.test("BufferRing lends no more while memory is short and two blobs are on their way, and all of its room again after that", async () => {
  let isShort = true;
  const ring = new BufferRing({ count: 5, sizeBytes: 8, isMemoryShort: () => isShort });
  const lent = [await ring.take(), await ring.take(), await ring.take()];
  ring.sent(lent[0]!);
  lent.push(await ring.take());
  ring.sent(lent[1]!);
  const waiting = ring.take();
  assert.equal(await settled(waiting), undefined);
  ring.give(lent[0]!);
  assert.ok(await settled(waiting), "one that came back is lent at once");
  ring.sent(lent[2]!);
  isShort = false;
  assert.ok(await settled(ring.take()));
  assert.equal(await settled(ring.take()), undefined, "there is no more room than ever");
});

Deno.test("BufferRing lets no one overtake who waits, though memory is there again meanwhile", async () => {
  let isShort = true;
  const ring = new BufferRing({ count: 3, sizeBytes: 8, isMemoryShort: () => isShort });
  const lent = [await ring.take(), await ring.take()];
  lent.forEach((one) => ring.sent(one));
  const order: string[] = [];
  const takers = ["first", "second"].map((name) => ring.take().then(() => void order.push(name)));
  isShort = false;
  takers.push(ring.take().then(() => void order.push("third")));
  lent.forEach((one) => ring.give(one));
  await Promise.all(takers);
  assert.deepEqual(order, ["first", "second", "third"]);
});

Deno.test("BufferRing asks whether there is memory for what is lent and not filled, and for one more", async () => {
  const asked: number[] = [];
  const ring = new BufferRing({
    count: 9,
    sizeBytes: 8,
    isMemoryShort: (bytes) => (asked.push(bytes), false),
  });
  const [first, second, third] = [await ring.take(), await ring.take(100), await ring.take()];
  // What comes back from a thread is another object.
  for (const one of [first, second]) ring.sent({ ...one });
  await ring.take();
  assert.equal(asked.at(-1), 8 + 8);
  ring.give({ ...third });
  ring.give({ ...first });
  assert.equal(asked.length, 1, "buffers are free, and no one waits");
  await ring.take();
  await ring.take();
  assert.deepEqual(
    asked.slice(1),
    [8],
    "what has its memory needs none; one is on its way, so that none is asked for",
  );
});

Deno.test("BufferRing gives small buffers while memory is short, over a quick line too", async () => {
  const free = 8; // what it has back already
  for (const memory of [16 - free, 15 - free]) {
    const isMemoryShort = (bytes: number) => bytes > memory;
    const ring = new BufferRing({ count: 10, sizeBytes: 8, largeBytes: 16, isMemoryShort });
    ring.give(await ring.take(), QUICK);
    assert.equal((await ring.take()).roomBytes, memory === 16 - free ? 16 : 8);
  }
});

Deno.test("BufferRing keeps what was in free buffers only until memory is short", async () => {
  const bytes = 4 * MIB;
  let isShort = false;
  const ring = new BufferRing({ count: 3, sizeBytes: bytes, isMemoryShort: () => isShort });
  const lent = [await ring.take(), await ring.take()];
  lent.forEach(({ buffer }) => new Uint8Array(buffer).fill(1));
  lent.forEach((one) => ring.give(one));
  isShort = true;
  const { buffer } = await ring.take();
  const [kept, gone] = buffer === lent[0]!.buffer ? lent : lent.toReversed();
  const middle = ({ buffer }: LentBuffer) => new Uint8Array(buffer)[bytes / 2];
  assert.deepEqual([middle(kept!), middle(gone!)], [1, isPortable ? 1 : 0]);
});
