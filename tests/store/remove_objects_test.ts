import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { seeded } from "../../src/base/chance.ts";
import { LockedError, RefusedError, UnavailableError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import { retrying } from "../../src/store/retrying.ts";
import { SharedStore } from "../../src/store/shared.ts";
import type { CallOptions, NotRemoved } from "../../src/store/store.ts";
import { within } from "../../src/store/within.ts";
import { testSeed } from "../fixtures/random.ts";
import { namesOf, text } from "./objects.ts";

/** A store that removes many by one request, but for what `failure` tells of an object; `can` says what it does at all. */
class ManyStore extends MemoryStore {
  /** How many names each request had; one by itself is 1. */
  readonly requests: number[] = [];
  most = 0;
  can: "yes" | "no" | "never" = "yes";
  failure: (name: string, isAlone: boolean) => Error | undefined = () => undefined;
  #open = 0;

  override async remove(name: string, options?: CallOptions): Promise<void> {
    this.requests.push(1);
    this.most = Math.max(this.most, ++this.#open);
    await setImmediate();
    await super.remove(name, options).finally(() => this.#open--);
    const failure = this.failure(name, true);
    if (failure === undefined) return;
    await super.put(name, text(name));
    throw failure;
  }

  async removeMany(names: readonly string[]): Promise<readonly NotRemoved[] | undefined> {
    this.requests.push(names.length);
    if (this.can === "never") throw new UnavailableError("Cannot remove: 500");
    if (this.can === "no") return undefined;
    const left: NotRemoved[] = [];
    for (const name of names) {
      const error = this.failure(name, false);
      if (error === undefined) await super.remove(name);
      else left.push({ name, error });
    }
    return left;
  }
}

async function filled(count: number): Promise<{ store: ManyStore; names: string[] }> {
  const store = new ManyStore();
  const names = Array.from({ length: count }, (_, i) => `d/${String(i).padStart(5, "0")}`);
  for (const name of names) await store.put(name, text(name));
  return { store, names };
}

const FAST = { policy: { baseMs: 1, maxDelayMs: 1 } };

Deno.test("removeObjects() removes a thousand by each request, and tells of each object", async () => {
  const { store, names } = await filled(2_500);
  let done = 0;
  assert.deepEqual(await removeObjects(store, names, { onDone: () => done++ }), []);
  assert.deepEqual([store.requests, done], [[1000, 1000, 500], 2500]);
  assert.deepEqual(await namesOf(store.list("")), []);
  await removeObjects(store, []);
  await removeObjects(store, ["d/1"]);
  assert.deepEqual(store.requests.slice(3), [1], "one object is asked for by itself");
});

Deno.test("removeObjects() removes one by one, at most 16 at a time, where the store cannot", async () => {
  const { store, names } = await filled(1_200);
  store.can = "no";
  assert.deepEqual(await removeObjects(store, names), []);
  assert.equal(store.requests.filter((count) => count === 1).length, 1_200);
  assert.equal(store.most, 16);
  assert.deepEqual(await namesOf(store.list("")), []);
});

Deno.test("what a lock keeps is given, with why, whichever way it was asked", async () => {
  for (const can of ["yes", "no"] as const) {
    const { store, names } = await filled(20);
    store.can = can;
    store.failure = (name) => name.endsWith("7") ? new LockedError(`Cannot remove "${name}"`) : undefined;
    let done = 0;
    const locked = await removeObjects(store, names, { onDone: () => done++ });
    assert.deepEqual(locked.map(({ name }) => name).sort(), ["d/00007", "d/00017"]);
    assert.ok(locked.every(({ error }) => error instanceof LockedError));
    assert.deepEqual(await namesOf(store.list("")), ["d/00007", "d/00017"]);
    assert.equal(done, 20);
  }
});

Deno.test("what cannot be removed with others is removed by itself, and only that", async () => {
  const { store, names } = await filled(20);
  store.failure = (name, isAlone) => name < "d/00003" && !isAlone ? new RefusedError("no") : undefined;
  assert.deepEqual(await removeObjects(store, names), []);
  assert.deepEqual(store.requests, [20, 1, 1, 1]);
  assert.deepEqual(await namesOf(store.list("")), []);
});

Deno.test("a refusal ends it, and says what it would say of one object", async () => {
  const { store, names } = await filled(1_001);
  store.failure = (name, isAlone) => new RefusedError(`Cannot remove "${name}" ${isAlone}`);
  await assert.rejects(removeObjects(store, names), /^RefusedError: Cannot remove "d\/00000" true$/);
  assert.equal((await namesOf(store.list(""))).length, 1_001);
});

Deno.test("what may pass by itself is asked for again, alone with its like", async () => {
  const { store, names } = await filled(50);
  let times = 0;
  store.failure = (name) =>
    name < "d/00010" && times++ < 15 ? new UnavailableError(`Cannot remove "${name}": 500`) : undefined;
  const retried = retrying(new SharedStore(store, 4), silent, FAST);
  assert.deepEqual(await removeObjects(within(retried, "d/"), names.map((name) => name.slice(2))), []);
  assert.deepEqual(store.requests, [50, 10, 5]);
  assert.deepEqual(await namesOf(store.list("")), []);
});

Deno.test("a store that fails again and again when it is to remove many is asked for one at a time", async () => {
  const { store, names } = await filled(50);
  store.can = "never";
  assert.deepEqual(await removeObjects(retrying(store, silent, FAST), names), []);
  assert.deepEqual(store.requests, [50, 50, 50, ...Array(50).fill(1)]);
});

Deno.test("at random: what is left is what a lock keeps, and each thousand waits for the one before", async () => {
  const seed = testSeed();
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  const random = seeded(seed);
  for (let round = 0; round < 30; round++) {
    const { store, names } = await filled(Math.floor(random() * 3_000));
    const [locked, passing, alone] = [0.05, 0.05, 0.05].map((share) => {
      return new Set(names.filter(() => random() < share));
    });
    const gone: string[] = [];
    const once = new Set<string>();
    store.can = random() < 0.8 ? "yes" : "no";
    store.failure = (name, isAlone) => {
      if (locked!.has(name)) return new LockedError(name);
      if (passing!.has(name) && !once.has(name) && once.add(name)) return new UnavailableError(name);
      if (alone!.has(name) && !isAlone) return new RefusedError(name);
      gone.push(name);
    };
    const left = await removeObjects(retrying(store, silent, FAST), names);
    assert.deepEqual(left.map(({ name }) => name).sort(), [...locked!].sort());
    assert.deepEqual(await namesOf(store.list("")), [...locked!].sort());
    assert.deepEqual(gone.toSorted(), names.filter((name) => !locked!.has(name)));
    const thousands = gone.map((name) => Math.floor(names.indexOf(name) / 1_000));
    assert.deepEqual(thousands, thousands.toSorted());
  }
});
