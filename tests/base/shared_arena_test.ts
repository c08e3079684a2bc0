import assert from "node:assert/strict";
import fc from "fast-check";
import { SharedArena } from "../../src/base/shared_arena.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("parts of a shared arena never overlap, whatever is taken and given back, and in the end all of it is free", async () => {
  const steps = fc.array(
    fc.oneof(fc.record({ take: fc.integer({ min: 1, max: 100 }) }), fc.record({ give: fc.nat() })),
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.constantFrom(1, 4, 50), async (steps, grain) => {
      const arena = new SharedArena(new SharedArrayBuffer(100), grain);
      const taken: Uint8Array[] = [];
      let wanted = 0;
      for (const step of steps) {
        if ("take" in step) {
          wanted++;
          arena.take(step.take).then((part) => {
            assert.equal(part.length, step.take);
            const overlaps = (other: Uint8Array) =>
              part.byteOffset < other.byteOffset + other.length &&
              other.byteOffset < part.byteOffset + part.length;
            assert.ok(!taken.some(overlaps));
            taken.push(part);
          });
        } else if (taken.length > 0) {
          arena.give(taken.splice(step.give % taken.length, 1)[0]!);
          wanted--;
        }
        await Promise.resolve();
      }
      while (wanted > 0) {
        await turn();
        wanted -= taken.length;
        taken.splice(0).forEach((part) => arena.give(part));
      }
      assert.equal((await arena.take(100)).length, 100);
    }),
    { numRuns: 100 },
  );
});

Deno.test("who asks a shared arena for much is not overtaken by who asks for little", async () => {
  const arena = new SharedArena(new SharedArrayBuffer(10));
  const first = await arena.take(6);
  const order: string[] = [];
  const large = arena.take(8).then((part) => (order.push("large"), part));
  const small = arena.take(2).then(() => order.push("small"));
  await turn();
  assert.deepEqual(order, []);
  arena.give(first);
  await Promise.all([large, small]);
  assert.deepEqual(order, ["large", "small"]);
});

Deno.test("more than all of a shared arena is refused", async () => {
  await assert.rejects(new SharedArena(new SharedArrayBuffer(10)).take(11), RangeError);
});

Deno.test("a shared arena takes nothing back that is not lent: no part, half of one, or one twice", async () => {
  const arena = new SharedArena(new SharedArrayBuffer(10));
  const part = await arena.take(6);
  assert.throws(() => arena.give(new Uint8Array(part.buffer, 6, 4)), /Bug/);
  assert.throws(() => arena.give(part.subarray(0, 3)), /Bug/);
  arena.give(part);
  assert.throws(() => arena.give(part), /Bug/);
});

Deno.test("what a part of a shared arena leaves is enough for another one of as many grains", async () => {
  const arena = new SharedArena(new SharedArrayBuffer(103), 10);
  assert.equal(arena.size, 100);
  const [first] = [await arena.take(11), await arena.take(80)];
  arena.give(first);
  const [second, third] = [await arena.take(19), arena.take(1)];
  assert.deepEqual([second.byteOffset, second.length], [0, 19]);
  arena.give(second);
  assert.equal((await third).byteOffset, 0);
});
