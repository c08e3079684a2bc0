import assert from "node:assert/strict";
import { readAhead } from "../../src/base/read_ahead.ts";

Deno.test("readAhead() keeps the order and begins no more than it may", async () => {
  let open = 0;
  let most = 0;
  const work = async (item: number) => {
    most = Math.max(most, ++open);
    for (let turns = item % 3; turns >= 0; turns--) await Promise.resolve();
    return item * 2;
  };
  const items = Array.from({ length: 20 }, (_, i) => i);
  const results: number[] = [];
  for await (const result of readAhead(items, 4, work)) {
    open--;
    results.push(result);
  }
  assert.deepEqual(results, items.map((item) => item * 2));
  assert.equal(most, 4);
  assert.deepEqual(await Array.fromAsync(readAhead([], 4, work)), []);
});

Deno.test("readAhead() throws a failure in its turn, and one that no one waits for is no bug", async () => {
  const work = (item: number) => item === 2 ? Promise.reject(new Error("two")) : Promise.resolve(item);
  const results: number[] = [];
  const read = async () => {
    for await (const result of readAhead([0, 1, 2, 3], 4, work)) results.push(result);
  };
  await assert.rejects(read(), /two/);
  assert.deepEqual(results, [0, 1]);
  for await (const result of readAhead([0, 1, 2], 3, work)) if (result === 0) break;
  await new Promise((resolve) => setTimeout(resolve));
});
