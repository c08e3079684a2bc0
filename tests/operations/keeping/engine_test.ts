import assert from "node:assert/strict";
import { VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { hostPrefix, splitHostName } from "../../../src/model/names.ts";
import type { ObjectInfo, ObjectStore, PutOptions } from "../../../src/store/store.ts";
import { testSeed } from "../../fixtures/random.ts";
import { type EngineOptions } from "./engine_options.ts";
import { runEngine } from "./run_engine.ts";

const DAY = 24 * 3_600_000;
const ACTIONS = 2_000;
/** Something that is needed is missed within so many lives of so many actions. The rarest shows in one or two of a hundred. */
const TRIES = 400;
const TRY_ACTIONS = 300;
const NEIGHBOUR_ACTIONS = 1_000;

type Setting = Omit<EngineOptions, "seed">;

const SOUND: [what: string, setting: Setting][] = [
  ["a store with create-only writes", { isAtomic: true, graceMs: DAY }],
  ["a store without them", { isAtomic: false, graceMs: DAY }],
  ["a store with them and no grace time", { isAtomic: true, graceMs: 0 }],
  ["a store that removes many objects by one request", { isAtomic: true, graceMs: DAY, removesMany: true }],
  ["a store that does, and has no create-only writes", { isAtomic: false, graceMs: DAY, removesMany: true }],
];

for (const [what, setting] of SOUND) {
  Deno.test(`on ${what}, at random, every listed snapshot is whole after every call, and garbage is gone in the end`, async () => {
    const seed = testSeed();
    console.log(`VAULTIK_TEST_SEED=${seed}`);
    await runEngine({ ...setting, seed }, ACTIONS);
  });
}

Deno.test("a snapshot that goes while a prune reads its lists, of which some are still there, does not count as damaged", async () => {
  // A life in which that happens.
  await runEngine({ isAtomic: false, graceMs: DAY, seed: 2041380753 }, ACTIONS);
});

Deno.test("ten hosts on one store: nothing that one of them does changes what another's directory holds", async () => {
  const seed = testSeed();
  console.log(`VAULTIK_TEST_SEED=${seed}`);
  const setting = { isAtomic: true, graceMs: DAY, hosts: 10, comparesNeighbours: true };
  const engine = await runEngine({ ...setting, seed }, NEIGHBOUR_ACTIONS);
  for (const what of ["backup", "prune", "purge", "remove"]) {
    assert.ok(engine.counts.get(`begin ${what}`)! > 0, what);
  }
});

Deno.test("an engine that compares neighbours sees a prune that goes into another directory", async () => {
  const setting = { isAtomic: true, graceMs: DAY, hosts: 2, comparesNeighbours: true };
  const pruneStore = (store: ObjectStore) =>
    but(store, {
      put: async (name: string, bytes: Uint8Array) => {
        const own = splitHostName(name)!.host;
        const others = (await Array.fromAsync(store.list("hosts/"))).map(({ name }) =>
          splitHostName(name)!.host
        );
        const other = others.find((host) => host !== own);
        await store.put(other === undefined ? name : `${hostPrefix(other)}prune/x`, bytes);
      },
    });
  await assert.rejects(
    runEngine({ ...setting, pruneStore, seed: 1 }, TRY_ACTIONS),
    /changed the directory of/,
  );
});

/** `store`, but for some of its verbs. */
function but(store: ObjectStore, change: Partial<ObjectStore>): ObjectStore {
  const bound = ["put", "get", "size", "list", "remove"] as const;
  const same = Object.fromEntries(bound.map((verb) => [verb, store[verb].bind(store)]));
  return { location: store.location, ...same, ...change } as ObjectStore;
}

const withoutVoids = (store: ObjectStore) =>
  but(store, {
    put: async (name: string, bytes: Uint8Array, options?: PutOptions) => {
      if (bytes.length !== VOID_MANIFEST.length) await store.put(name, bytes, options);
    },
  });

const withoutRecords = (store: ObjectStore) =>
  but(store, {
    async *list(prefix: string): AsyncIterable<ObjectInfo> {
      if (!prefix.endsWith("/prune/")) yield* store.list(prefix);
    },
  });

/** The search begins where it is soon found. */
const UNSOUND: [what: string, firstSeed: number, setting: Setting][] = [
  ["the grace time (where writes cannot be create-only)", 144, { isAtomic: false, graceMs: 0, hosts: 1 }],
  ["the voids (where runs stand still for longer than it)", 106, {
    isAtomic: true,
    graceMs: DAY,
    hosts: 1,
    pruneStore: withoutVoids,
  }],
  ["looking at what is marked for deletion", 101, {
    isAtomic: true,
    graceMs: DAY,
    hosts: 1,
    backupStore: withoutRecords,
  }],
];

for (const [what, firstSeed, setting] of UNSOUND) {
  Deno.test(`without ${what} a listed snapshot loses something: the engine sees it`, async () => {
    for (let seed = firstSeed; seed < firstSeed + TRIES; seed++) {
      const failed = await runEngine({ ...setting, seed }, TRY_ACTIONS, () => Promise.resolve())
        .then(() => undefined, (error) => error);
      if (failed === undefined) continue;
      assert.match(
        failed.message,
        /was removed, which .* needs|was written and lacks|was replaced by a void/,
      );
      return console.log(`found with seed ${seed}`);
    }
    assert.fail("nothing was lost");
  });
}
