import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { UnavailableError } from "../../../src/base/errors.ts";
import { VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import type { HostTools } from "../../../src/read/hosts.ts";
import { manifestName, pinName, snapshotName } from "../../../src/model/names.ts";
import { type CopySummary, executeCopy } from "../../../src/operations/copy/copy.ts";
import { planCopy } from "../../../src/operations/copy/plan.ts";
import { type NamedObject, objectsOf } from "../../../src/operations/copy/copy_plan.ts";
import { pinSnapshot, removeSnapshots } from "../../../src/operations/remove.ts";
import { listSnapshots, readManifest } from "../../../src/read/snapshots.ts";
import { CountingStore } from "../../../src/store/counting.ts";
import { retrying } from "../../../src/store/retrying.ts";
import { silent } from "../../../src/report/events.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { ObjectStore, PutOptions } from "../../../src/store/store.ts";
import { Machine } from "../machine.ts";

async function copy(machine: Machine, target: ObjectStore, ...ids: string[]): Promise<CopySummary> {
  const tools = machine.tools();
  return await executeCopy(tools, target, await planCopy(tools, target, ids));
}

/** Two snapshots that share most of their objects; the second is pinned. */
async function twoSnapshots(): Promise<{ machine: Machine; first: string; second: string }> {
  const machine = await Machine.make({ blobSizeBytes: 1 << 18 });
  for (let i = 0; i < 6; i++) machine.write(`noise-${i}`, crypto.getRandomValues(new Uint8Array(60_000)));
  const first = await machine.backUp();
  machine.write("added");
  const second = await machine.backUp();
  await pinSnapshot(machine.tools(), second.id);
  return { machine, first: first.id, second: second.id };
}

async function namesIn(store: ObjectStore): Promise<string[]> {
  return (await Array.fromAsync(store.list(""))).map(({ name }) => name);
}

/** What a snapshot needs but its manifest. */
async function needs(tools: HostTools, id: string): Promise<NamedObject[]> {
  const manifest = await readManifest(tools, id);
  return [...objectsOf(manifest, await new BlobLists(tools).all(manifest))];
}

/** Fails unless every snapshot that `store` lists has all its objects. */
async function assertListedAreWhole(machine: Machine, store: ObjectStore): Promise<string[]> {
  const names = new Set(await namesIn(store));
  const ids = (await listSnapshots(machine.tools({ store }))).map(({ id }) => id);
  for (const id of ids) {
    for (const { name } of await needs(machine.tools({ store }), id)) {
      assert.ok(names.has(name), `${id} without ${name}`);
    }
  }
  return ids;
}

Deno.test("a copy has the same objects, and is made once", async () => {
  const { machine, first, second } = await twoSnapshots();
  await using _ = machine;
  const target = new MemoryStore();
  const summary = await copy(machine, target);
  assert.deepEqual(await namesIn(target), await machine.objects());
  for (const name of await namesIn(target)) {
    assert.deepEqual(await target.get(name), await machine.store.get(name), name);
  }
  assert.deepEqual([summary.copied, summary.present, summary.problems], [[first, second], 0, []]);
  const counted = new CountingStore(target);
  const again = await copy(machine, counted);
  assert.deepEqual([again.copied, again.present, again.objects], [[], 2, 0]);
  assert.deepEqual([counted.counts.put.calls, counted.counts.list.calls], [0, 1]);
});

Deno.test("a copy of one snapshot takes what it needs and nothing else", async () => {
  const { machine, first, second } = await twoSnapshots();
  await using _ = machine;
  const target = new MemoryStore();
  await copy(machine, target, first);
  assert.deepEqual(await assertListedAreWhole(machine, target), [first]);
  // Besides: its manifest, host.json, and the sealed keys.
  const needed = (await needs(machine.tools(), first)).length + 3;
  assert.equal((await namesIn(target)).length, needed);
  const rest = await copy(machine, target, second, second);
  assert.deepEqual(rest.copied, [second]);
  assert.ok((await namesIn(target)).includes(pinName(second)));
});

/** A store that breaks off after so many puts. */
class BreakingStore extends MemoryStore {
  putsLeft = Infinity;
  override async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    if (this.putsLeft-- <= 0) throw new UnavailableError("broken off");
    await super.put(name, bytes, options);
  }
}

Deno.test("wherever a copy breaks off, what is listed is whole, and the next one goes on", async () => {
  const { machine } = await twoSnapshots();
  await using _ = machine;
  const all = await machine.objects();
  for (let puts = 0; puts < all.length; puts++) {
    const target = new BreakingStore();
    target.putsLeft = puts;
    await assert.rejects(copy(machine, target), UnavailableError);
    await assertListedAreWhole(machine, target);
    const before = (await namesIn(target)).length;
    target.putsLeft = all.length - before + 2; // what was announced is announced again
    await copy(machine, target);
    assert.deepEqual(await namesIn(target), all, `broken off after ${puts}`);
  }
});

Deno.test("a damaged or missing object costs the snapshots that need it, is reported once, and no other", async () => {
  const { machine, first, second } = await twoSnapshots();
  await using _ = machine;
  const namesOf = async (id: string) => (await needs(machine.tools(), id)).map(({ name }) => name);
  const [ofFirst, ofSecond] = [await namesOf(first), await namesOf(second)];
  const shared = ofFirst.find((name) => ofSecond.includes(name))!;
  const own = ofSecond.find((name) => !ofFirst.includes(name) && name.startsWith("blobs/"))!;

  const bytes = await machine.store.get(own);
  await machine.tamper(own, (bytes) => bytes.with(7, bytes[7]! ^ 1) as Uint8Array);
  const target = new MemoryStore();
  const damaged = await copy(machine, target);
  assert.deepEqual(damaged.copied, [first]);
  assert.deepEqual(damaged.problems.map(({ object, snapshots }) => [object, snapshots]), [[own, [second]]]);
  assert.match(damaged.problems[0]!.state, /is damaged/);
  assert.equal(await target.size(own), undefined);
  assert.deepEqual(await assertListedAreWhole(machine, target), [first]);

  await machine.store.put(own, bytes);
  await machine.store.remove(shared);
  const other = new MemoryStore();
  const missing = await copy(machine, other);
  assert.deepEqual(missing.problems, [{ object: shared, state: "is missing", snapshots: [first, second] }]);
  assert.deepEqual(await assertListedAreWhole(machine, other), []);
});

Deno.test("half an object in the target is copied again, and another snapshot of the same id is not replaced", async () => {
  const { machine, first } = await twoSnapshots();
  await using _ = machine;
  const target = retrying(new MemoryStore(), silent);
  await copy(machine, target, first);
  const [{ name, size }] = atLeast(1, await needs(machine.tools(), first));
  await target.put(name, new Uint8Array(3));
  const plan = await planCopy(machine.tools(), target, [first]);
  assert.deepEqual([...plan.missing.keys()], [name]);
  await target.put(manifestName(first), new TextEncoder().encode("another"));
  const { problems } = await copy(machine, target, first);
  assert.deepEqual(problems.map(({ object }) => object), [manifestName(first)]);
  assert.match(problems[0]!.state, /^is another one in memory:/);
  assert.equal(await target.size(name), size);
});

const HOUR = 3_600_000;

/** A target with a prune of its own, and a clock. */
class Target {
  ms = Date.parse("2025-06-01T00:00:00Z");
  readonly store = new MemoryStore({ now: () => new Date(this.ms) });
  readonly tools: HostTools;

  constructor(machine: Machine) {
    this.tools = machine.tools({ store: this.store, now: () => new Date(this.ms) });
  }

  async prune(): Promise<void> {
    const options = { graceMs: 24 * HOUR, minAgeMs: 0, dryRun: false };
    await executePrune(this.tools, await surveyPrune(this.tools, options), options);
  }
}

Deno.test("what a prune of the target has marked is not named again, and that is said", async () => {
  const { machine, first, second } = await twoSnapshots();
  await using _ = machine;
  const target = new Target(machine);
  await copy(machine, target.store);
  await removeSnapshots(target.tools, [second]);
  target.ms += 30 * HOUR;
  await target.prune();
  const again = await copy(machine, target.store);
  assert.deepEqual([again.copied, again.barred, again.present], [[], [second], 1]);
  assert.match(
    machine.texts("warning").at(-1)!,
    new RegExp(`^${second} is not copied: a prune of memory: has marked`),
  );
  target.ms += 30 * HOUR;
  await target.prune();
  assert.deepEqual(await assertListedAreWhole(machine, target.store), [first]);
  assert.deepEqual((await copy(machine, target.store)).barred, [second]);
});

Deno.test("a copy that was broken off before its manifest is announced again, so that no prune bars it", async () => {
  const { machine, first } = await twoSnapshots();
  await using _ = machine;
  const target = new Target(machine);
  const { put } = target.store;
  target.store.put = async (name, bytes, options) => {
    if (name === manifestName(first)) throw new UnavailableError("broken off");
    await put.call(target.store, name, bytes, options);
  };
  await assert.rejects(copy(machine, target.store, first), UnavailableError);
  target.store.put = put;
  target.ms += 20 * HOUR;
  const announced = async () =>
    (await Array.fromAsync(target.store.list(snapshotName(first))))[0]!.modified.getTime();
  assert.equal(await announced(), target.ms - 20 * HOUR);
  const done = await copy(machine, target.store, first);
  assert.deepEqual([done.copied, done.objects], [[first], 0]);
  assert.equal(await announced(), target.ms);
});

Deno.test("a void of a prune in the place of the manifest bars a snapshot, which is not taken for copied", async () => {
  const { machine, first, second } = await twoSnapshots();
  await using _ = machine;
  const target = new Target(machine);
  await copy(machine, target.store);
  await target.store.put(manifestName(first), VOID_MANIFEST);
  const again = await copy(machine, target.store);
  assert.deepEqual([again.copied, again.barred, again.present], [[], [first], 1]);
  assert.deepEqual((await listSnapshots(target.tools)).map(({ id }) => id), [second]);
});
