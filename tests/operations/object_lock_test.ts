import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { RefusedError } from "../../src/base/errors.ts";
import { Index } from "../../src/index/index.ts";
import type { LockIndex } from "../../src/index/locks.ts";
import { hostPrefix, listName } from "../../src/model/names.ts";
import { LockKeeper, type LockNotes } from "../../src/operations/backup/locks.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { ObjectLocks } from "../../src/store/store.ts";
import { randomBytes } from "../chunk/random.ts";
import { direct } from "../threads/direct.ts";
import { Machine } from "./machine.ts";

const DAY_MS = 24 * 3600 * 1000;

/** A store that locks for 40 days, 30 of which are needed. */
class LockingStore extends MemoryStore {
  readonly renewed: string[] = [];
  mayRenew = true;
  readonly locks: ObjectLocks = {
    end: (now) => new Date(now.getTime() + 40 * DAY_MS),
    needed: (now) => new Date(now.getTime() + 30 * DAY_MS),
    renew: (name) => {
      if (!this.mayRenew) return Promise.reject(new RefusedError("Cannot lock: refused"));
      this.renewed.push(name);
      return Promise.resolve();
    },
  };
}

/** `Machine.backUp` some days from now: locks are counted from the real time of a PUT. */
async function backUpIn(machine: Machine, days: number) {
  return await machine.backUp({}, { now: () => new Date(Date.now() + days * DAY_MS) });
}

async function machineWithFile(): Promise<{ machine: Machine; store: LockingStore }> {
  const store = new LockingStore();
  const machine = await Machine.make({}, store);
  machine.write("old", randomBytes(1, 90_000));
  return { machine, store };
}

Deno.test("locks that last long enough are not renewed, later ones once", async () => {
  const { machine, store } = await machineWithFile();
  await using _ = machine;
  await backUpIn(machine, 0);
  await backUpIn(machine, 9);
  assert.equal(store.renewed.length, 0);
  await backUpIn(machine, 11);
  const blob = hostPrefix(machine.host) + (await machine.objects("blobs/"))[0];
  assert.equal(store.renewed.splice(0).filter((name) => name === blob).length, 1);
  await backUpIn(machine, 12);
  assert.ok(!store.renewed.includes(blob));
});

Deno.test("what a snapshot no longer needs is not renewed", async () => {
  const { machine, store } = await machineWithFile();
  await using _ = machine;
  await backUpIn(machine, 0);
  const old = hostPrefix(machine.host) + (await machine.objects("blobs/"))[0];
  Deno.removeSync(`${machine.data}/old`);
  machine.write("new", randomBytes(2, 90_000));
  await backUpIn(machine, 11);
  assert.ok(!store.renewed.includes(old));
});

Deno.test("a list is renewed as a blob is: once, when its lock would end too early", async () => {
  const { machine, store } = await machineWithFile();
  await using _ = machine;
  const id = "ab".repeat(32);
  const renewed = async (days: number) => {
    using index = new Index(machine.options.indexPath);
    const now = () => new Date(days * DAY_MS);
    await new LockKeeper(machine.tools({ now }), remoteLocks(index.locks)).renew([["lists", id]]);
    return store.renewed.splice(0);
  };
  await machine.store.put(listName(id), new Uint8Array(1));
  assert.deepEqual(await renewed(0), [hostPrefix(machine.host) + listName(id)]);
  assert.deepEqual(await renewed(9), []);
  assert.deepEqual(await renewed(11), [hostPrefix(machine.host) + listName(id)]);
});

/** As the index thread serves them. */
function remoteLocks(locks: LockIndex) {
  return direct<LockNotes>({
    lockedBefore: ({ ids, untilMs }) => locks.endingBefore(ids, untilMs),
    locked: ({ ids, untilMs }) => locks.add(ids, untilMs),
    forgetLocks: (untilMs) => locks.forgetBefore(untilMs),
  });
}

Deno.test("credentials that may not lock get a warning, and the backup is whole", async () => {
  const { machine, store } = await machineWithFile();
  await using _ = machine;
  await backUpIn(machine, 0);
  store.mayRenew = false;
  const backup = await backUpIn(machine, 11);
  assert.match(
    machine.texts("warning").join(),
    /Older blobs of the snapshot are not locked: Cannot lock: refused/,
  );
  assert.deepEqual((await machine.verify(backup)).problems, []);
});
