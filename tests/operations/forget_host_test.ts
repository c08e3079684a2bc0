import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { LockedError } from "../../src/base/errors.ts";
import { executeForget, planForget } from "../../src/operations/forget_host.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { Machine } from "./machine.ts";

Deno.test("a snapshot that the store has locked stays, is reported, and goes when the lock has ended", async () => {
  await using machine = await Machine.make();
  machine.write("a", "a");
  const first = await machine.backUp();
  machine.write("a", "b");
  const second = await machine.backUp();
  let locked = true;
  const store = new Proxy(machine.store, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== "remove") return typeof value === "function" ? value.bind(target) : value;
      return (name: string) => {
        if (locked && name.includes(second.id)) return Promise.reject(new LockedError(`${name} is locked`));
        return target.remove(name);
      };
    },
  }) as ObjectStore;
  const tools = { ...machine.tools({ store }), own: undefined };
  const plan = await planForget(tools);
  assert.deepEqual(plan.snapshots, [first.id, second.id].sort());
  const { removed, locked: kept, isGone } = await executeForget(tools, plan);
  assert.deepEqual([removed, kept, isGone], [[first.id], [second.id], false]);
  assert.deepEqual((await machine.verify(second)).problems, []);
  locked = false;
  assert.deepEqual((await executeForget(tools, await planForget(tools))).removed, [second.id]);
});
