import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteBudget } from "../../src/base/byte_budget.ts";

/** Resolves when all that is ready has run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a budget lets work begin while there are bytes for it, in the order of asking", async () => {
  const budget = new ByteBudget(10);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string, bytes: number) =>
    budget.use(bytes, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const all = [work("a", 6), work("b", 6), work("c", 1)];
  await settle();
  assert.deepEqual(begun, ["a"], "c must not overtake b, which would wait for ever");
  ends.get("a")!();
  await settle();
  assert.deepEqual(begun, ["a", "b", "c"]);
  for (const end of ends.values()) end();
  await Promise.all(all);
});

Deno.test("work that wants more than there is runs alone, and a failure gives its bytes back", async () => {
  const budget = new ByteBudget(10);
  await assert.rejects(budget.use(100, () => Promise.reject(new Error("failed"))), /failed/);
  assert.equal(await budget.use(10, () => Promise.resolve("next")), "next");
});

Deno.test("a budget is never exceeded, and everything gets its turn", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 30 }), async (sizes) => {
      const budget = new ByteBudget(20);
      let used = 0;
      let done = 0;
      await Promise.all(sizes.map((bytes) =>
        budget.use(bytes, async () => {
          used += Math.min(bytes, 20);
          assert.ok(used <= 20);
          await Promise.resolve();
          used -= Math.min(bytes, 20);
          done++;
        })
      ));
      assert.equal(done, sizes.length);
    }),
  );
});
