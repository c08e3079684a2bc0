import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { IdMap } from "../../src/base/id_map.ts";

const idOf = (i: number) => new Uint8Array(createHash("sha256").update(String(i)).digest());

/** Ids that all have the same home, the last one before the end, so that they wrap around and collide. */
function colliding(i: number): Uint8Array {
  const id = new Uint8Array(32).fill(0xff);
  id[31] = i;
  return id;
}

Deno.test("IdMap keeps many ids with their numbers, and says of others that they are not there", () => {
  const map = new IdMap();
  const ids = new Uint8Array(10_000 * 32);
  for (let i = 0; i < 10_000; i++) ids.set(idOf(i), i * 32);
  for (let i = 0; i < 10_000; i++) map.set(ids, i * 32, i);
  assert.equal(map.size, 10_000);
  for (let i = 0; i < 10_000; i++) assert.equal(map.get(ids, i * 32), i);
  for (let i = 10_000; i < 11_000; i++) assert.equal(map.get(idOf(i)), -1);
  for (let i = 0; i < 10_000; i += 2) assert.equal(map.take(ids, i * 32), i);
  for (let i = 0; i < 10_000; i++) assert.equal(map.get(ids, i * 32), i % 2 === 0 ? -1 : i);
  map.clear();
  assert.deepEqual([map.size, map.get(idOf(1)), map.take(idOf(1))], [0, -1, -1]);
});

Deno.test("IdMap takes the number 0 and the largest one", () => {
  const map = new IdMap();
  map.set(idOf(1), 0, 0);
  map.set(idOf(2), 0, 2 ** 31 - 1);
  assert.deepEqual([map.get(idOf(1)), map.get(idOf(2))], [0, 2 ** 31 - 1]);
});

for (const [name, make] of [["random", idOf], ["colliding", colliding]] as const) {
  Deno.test(`IdMap does as a Map does, with ${name} ids`, () => {
    const action = fc.tuple(fc.constantFrom("set", "take", "get"), fc.nat(40), fc.nat(1000));
    fc.assert(fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const map = new IdMap();
      const model = new Map<number, number>();
      for (const [kind, i, value] of actions) {
        const id = make(i);
        if (kind === "set") {
          map.set(id, 0, value);
          model.set(i, value);
        } else {
          assert.equal(kind === "get" ? map.get(id) : map.take(id), model.get(i) ?? -1);
          if (kind === "take") model.delete(i);
        }
        assert.equal(map.size, model.size);
      }
      for (let i = 0; i <= 40; i++) assert.equal(map.get(make(i)), model.get(i) ?? -1);
    }));
  });
}
