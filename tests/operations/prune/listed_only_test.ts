import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { CorruptionError, NotFoundError, UnavailableError } from "../../../src/base/errors.ts";
import { hostPrefix, manifestName } from "../../../src/model/names.ts";
import { fleetStatus } from "../../../src/operations/status.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { CallOptions, GetOptions } from "../../../src/store/store.ts";
import { within } from "../../../src/store/within.ts";
import { Machine } from "../machine.ts";
import { Clock, DAY, Pruned } from "./clocked.ts";

/** A store that lists an object which it has lost. */
class LosingStore extends MemoryStore {
  lost = "";

  override async get(name: string, options?: GetOptions): Promise<Uint8Array> {
    if (name === this.lost) throw new NotFoundError(`Cannot read "${name}": not there`);
    return await super.get(name, options);
  }

  override async size(name: string, options?: CallOptions): Promise<number | undefined> {
    return name === this.lost ? undefined : await super.size(name, options);
  }
}

/** Two snapshots, of which the store has lost the manifest of the first and lists it still. */
async function withLost() {
  const clock = new Clock();
  const store = new LosingStore({ now: clock.now });
  const pruned = new Pruned(await Machine.make({}, store), clock);
  pruned.machine.write("a", "one");
  const { id } = await pruned.backUp();
  pruned.machine.write("a", "two");
  await pruned.backUp();
  store.lost = hostPrefix(pruned.machine.host) + manifestName(id);
  return { pruned, store, id };
}

Deno.test("nothing is deleted while the store lists a manifest that it does not have", async () => {
  const { pruned, store } = await withLost();
  await using _ = pruned;
  const before = await pruned.machine.objects("blobs/");
  for (let run = 0; run < 3; run++) {
    await assert.rejects(pruned.prune(), (error: Error) => {
      assert.ok(error instanceof CorruptionError);
      assert.match(error.message, /needs is not known: .*the store lists it, and does not have it/);
      return true;
    });
    pruned.clock.pass(2 * DAY);
  }
  assert.deepEqual(await pruned.machine.objects("blobs/"), before);
  store.lost = "";
  assert.deepEqual((await pruned.machine.verify()).problems, []);
});

Deno.test("a manifest that the store lists and does not have is damage, to a verify and to status", async () => {
  const { pruned: { machine }, id } = await withLost();
  await using _ = machine;
  for (const { problems } of [await machine.verifyQuick(), await machine.verify()]) {
    assert.deepEqual(problems.map(({ object }) => object), [manifestName(id)]);
  }
  const { hostProblems } = await fleetStatus(machine.rootTools(), { warnMs: DAY, criticalMs: DAY });
  assert.deepEqual(hostProblems.map(({ problem }) => problem), [`damaged manifests: ${id}`]);
});

Deno.test("a snapshot that is removed while it is looked at is no damaged manifest to status", async () => {
  const { pruned: { machine }, store, id } = await withLost();
  await using _ = machine;
  const lost = store.lost;
  const get = store.get.bind(store);
  store.lost = "";
  store.get = async (name, options) => {
    if (name === lost) await store.remove(name);
    return await get(name, options);
  };
  const { hostProblems, sets } = await fleetStatus(machine.rootTools(), { warnMs: DAY, criticalMs: DAY });
  assert.deepEqual([hostProblems, sets.length], [[], 1], id);
});

Deno.test("nothing is deleted while a listing leaves out a manifest that is there", async () => {
  await using pruned = await Pruned.make();
  const { machine } = pruned;
  machine.write("a", "one");
  const { id } = await pruned.backUp();
  machine.write("a", "two");
  await pruned.backUp();
  const before = await machine.objects("blobs/");
  const store = Object.assign(within(machine.root, hostPrefix(machine.host)), {
    list: async function* (prefix: string) {
      for await (const info of machine.store.list(prefix)) if (info.name !== manifestName(id)) yield info;
    },
  });
  for (let run = 0; run < 3; run++) {
    pruned.clock.pass(2 * DAY);
    await assert.rejects(pruned.prune({}, { store }), UnavailableError);
  }
  assert.deepEqual(await machine.objects("blobs/"), before);
  assert.deepEqual((await machine.verify()).problems, []);
});
