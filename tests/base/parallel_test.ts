import assert from "node:assert/strict";
import { forEachParallel } from "../../src/base/parallel.ts";

Deno.test("forEachParallel() works on every item, and on no more than it may at a time", async () => {
  let open = 0;
  let most = 0;
  const done: number[] = [];
  const items = Array.from({ length: 20 }, (_, i) => i);
  await forEachParallel(items, 4, async (item) => {
    most = Math.max(most, ++open);
    for (let turns = 20 + item % 3; turns >= 0; turns--) await Promise.resolve();
    open--;
    done.push(item);
  });
  assert.deepEqual(done.toSorted((a, b) => a - b), items);
  assert.equal(most, 4);
});

Deno.test("after a failure forEachParallel() begins no more, waits for what has begun, and throws the first", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const slow = Promise.withResolvers<void>();
  const work = async (item: number) => {
    begun.push(item);
    if (item === 1) throw new Error("one");
    if (item === 0) await slow.promise;
    ended.push(item);
  };
  const run = forEachParallel([0, 1, 2, 3], 2, work);
  run.catch(() => {});
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  slow.resolve();
  await assert.rejects(run, /one/);
  assert.deepEqual(begun, [0, 1]);
  assert.deepEqual(ended, [0]);
});

Deno.test("forEachParallel() takes items that come late, and throws what their source throws", async () => {
  async function* items() {
    yield await Promise.resolve(1);
    throw new Error("source");
  }
  const seen: number[] = [];
  await assert.rejects(forEachParallel(items(), 3, (item) => Promise.resolve(seen.push(item))), /source/);
  assert.deepEqual(seen, [1]);
});
