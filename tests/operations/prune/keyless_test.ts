import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { RefusedError } from "../../../src/base/errors.ts";
import { executePurge, planPurge } from "../../../src/operations/purge.ts";
import { pinSnapshot, unpinSnapshot } from "../../../src/operations/remove.ts";
import { listSnapshots } from "../../../src/read/snapshots.ts";
import type { CallOptions, ObjectStore } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { DAY, Pruned } from "./clocked.ts";

/** What credentials see that may read `snapshots/` and `prune/`, list all, remove, and write nothing that is data. */
function withoutData(store: ObjectStore, asked: string[]): ObjectStore {
  const isData = (name: string) => name.startsWith("blobs/") || name.startsWith("pages/");
  return {
    location: store.location,
    get(name: string, options?: CallOptions) {
      asked.push(`get ${name}`);
      if (isData(name) || name.endsWith(".age")) {
        return Promise.reject(new RefusedError(`Cannot read ${name}: refused`));
      }
      return store.get(name, options);
    },
    put(name, bytes, options) {
      if (isData(name)) return Promise.reject(new RefusedError(`Cannot write ${name}: refused`));
      return store.put(name, bytes, options);
    },
    size: store.size.bind(store),
    list: store.list.bind(store),
    remove: store.remove.bind(store),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("list, pin, purge and prune work without an identity and without a right to read any data", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  const asked: string[] = [];
  const store = withoutData(machine.store, asked);
  const tools = pruned.tools({ store });
  const made = [];
  for (let i = 0; i < 4; i++) {
    machine.write("a", randomBytes(i, 100_000));
    made.push(await pruned.backUp());
  }
  assert.equal((await listSnapshots(tools)).length, 4);
  await pinSnapshot(tools, made[0]!.id);
  const plan = await planPurge(tools, { policyOf: () => ({ keepLast: 1 }), dryRun: false });
  assert.deepEqual(plan.remove, [made[1]!.id, made[2]!.id]);
  await executePurge(tools, plan);
  await unpinSnapshot(tools, made[0]!.id);
  clock.pass(DAY);
  const { blobsMarked } = await pruned.prune({}, { store });
  assert.ok(blobsMarked >= 2, `${blobsMarked}`);
  clock.pass(DAY);
  assert.equal((await pruned.prune({}, { store })).blobsRemoved, blobsMarked);
  for (const backup of [made[0], made[3]]) assert.deepEqual((await machine.verify(backup)).problems, []);
  assert.ok(asked.length > 0);
  assert.deepEqual(asked.filter((call) => !/^get (snapshots\/.*\.zst|prune\/.*\.json)$/.test(call)), []);
});
