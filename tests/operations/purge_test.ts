import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { LockedError, UsageError } from "../../src/base/errors.ts";
import { manifestName } from "../../src/model/names.ts";
import { executePurge, planPurge } from "../../src/operations/purge.ts";
import { pinSnapshot, planRemoval, removeSnapshots, unpinSnapshot } from "../../src/operations/remove.ts";
import { listSnapshots } from "../../src/read/snapshots.ts";
import { CountingStore } from "../../src/store/counting.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { NotRemoved } from "../../src/store/store.ts";
import { Machine } from "./machine.ts";

/** A machine whose store has its clock. */
async function clocked(): Promise<Machine & { root: CountingStore }> {
  const machine: Machine = await Machine.make(
    {},
    new CountingStore(new MemoryStore({ now: () => machine.tools().now() })),
  );
  machine.write("a");
  return machine as Machine & { root: CountingStore };
}

const keepLast = (count: number) => ({ policyOf: () => ({ keepLast: count }), dryRun: false });
const idsOf = (snapshots: readonly { readonly id: string }[]) => snapshots.map(({ id }) => id);

Deno.test("a purge removes what its policy does not keep, and leaves no trace of it in snapshots/", async () => {
  await using machine = await clocked();
  const made = [await machine.backUp(), await machine.backUp(), await machine.backUp()];
  const plan = await planPurge(machine.tools(), keepLast(2));
  assert.deepEqual(plan.remove, [made[0]!.id]);
  await executePurge(machine.tools(), plan);
  assert.deepEqual(idsOf(await listSnapshots(machine.tools())), idsOf(made.slice(1)));
  assert.deepEqual(await machine.objects(`snapshots/${made[0]!.id}`), []);
  assert.deepEqual(await machine.objects("prune/"), [], "nor of asking for the time");
  for (const backup of made.slice(1)) assert.deepEqual((await machine.verify(backup)).problems, []);
});

Deno.test("a dry run writes and removes nothing", async () => {
  await using machine = await clocked();
  for (let i = 0; i < 3; i++) await machine.backUp();
  const before = [machine.root.counts.put.calls, machine.root.counts.remove.calls];
  const plan = await planPurge(machine.tools(), { ...keepLast(1), dryRun: true });
  assert.equal(plan.remove.length, 2);
  assert.deepEqual([machine.root.counts.put.calls, machine.root.counts.remove.calls], before);
});

Deno.test("a pin keeps a snapshot from every purge and removal until it is taken away", async () => {
  await using machine = await clocked();
  const [old] = [await machine.backUp(), await machine.backUp()];
  await pinSnapshot(machine.tools(), old.id);
  assert.deepEqual((await listSnapshots(machine.tools())).map(({ pinned }) => pinned), [true, false]);
  assert.deepEqual((await planPurge(machine.tools(), keepLast(1))).remove, []);
  await assert.rejects(planRemoval(machine.rootTools(), [old.id]), UsageError);
  await unpinSnapshot(machine.tools(), old.id);
  assert.deepEqual((await planPurge(machine.tools(), keepLast(1))).remove, [old.id]);
  const planned = await planRemoval(machine.rootTools(), [old.id, old.id]);
  assert.deepEqual(planned.map(({ tools, id }) => [tools.host, id]), [[machine.host, old.id]]);
});

Deno.test("snapshots of another host of the same name push none out, and no purge of this one touches them", async () => {
  await using machine = await clocked();
  await using other = await Machine.make({}, machine.root);
  other.write("a");
  const own = await machine.backUp();
  const others = [await other.backUp(), await other.backUp()];
  const plan = await planPurge(machine.tools(), keepLast(1));
  assert.deepEqual([idsOf(plan.decisions.map(({ snapshot }) => snapshot)), plan.remove], [[own.id], []]);
  await executePurge(machine.tools(), plan);
  assert.deepEqual(idsOf(await listSnapshots(other.tools())), idsOf(others));
});

Deno.test("a purge tells source sets apart where their names are sealed to it", async () => {
  await using machine = await clocked();
  const made = [await machine.backUp(), await machine.backUp({ name: "other" }), await machine.backUp()];
  const tools = machine.tools({ namesKeys: undefined });
  assert.deepEqual((await listSnapshots(tools)).map(({ name }) => name), [undefined, undefined, undefined]);
  assert.deepEqual((await planPurge(tools, keepLast(1))).remove, [made[0]!.id]);
});

Deno.test("a purge leaves alone what no policy is meant for", async () => {
  await using machine = await clocked();
  for (let i = 0; i < 2; i++) await machine.backUp();
  for (let i = 0; i < 2; i++) await machine.backUp({ name: "other" });
  const policyOf = ({ name }: { name?: string }) => name === "other" ? { keepLast: 1 } : undefined;
  const { decisions, remove } = await planPurge(machine.tools(), { policyOf, dryRun: true });
  assert.deepEqual([decisions.length, remove.length], [2, 1]);
});

Deno.test("the store's clock decides what is too old, and a machine's that differs is reported", async () => {
  await using machine = await Machine.make({}, new MemoryStore());
  machine.write("a");
  await machine.backUp();
  await machine.backUp();
  const tools = machine.tools({ now: () => new Date("2199-01-01T00:00:00Z") });
  const policyOf = () => ({ olderThanMs: 365 * 24 * 3_600_000 });
  assert.deepEqual((await planPurge(tools, { policyOf, dryRun: false })).remove, []);
  assert.match(machine.texts("warning").join(), /the store's clock says .* that of this machine 2199/);
});

Deno.test("a removal that is cut off leaves the snapshot whole or not listed", async () => {
  await using machine = await clocked();
  const backup = await machine.backUp();
  let removals = 0;
  const store = Object.create(machine.store, {
    remove: {
      value: async (name: string) => {
        if (++removals === 2) throw new Error("cut off");
        await machine.store.remove(name);
      },
    },
  });
  await assert.rejects(removeSnapshots(machine.tools({ store }), [backup.id]), /cut off/);
  assert.equal(await machine.store.size(manifestName(backup.id)), undefined);
  assert.deepEqual(await listSnapshots(machine.tools()), []);
});

Deno.test("manifests go before what they announce, also by one request for many; of a locked one all stays", async () => {
  await using machine = await clocked();
  const ids = idsOf([await machine.backUp(), await machine.backUp(), await machine.backUp()]);
  for (const id of ids) await pinSnapshot(machine.tools(), id);
  const requests: (readonly string[])[] = [];
  const locked = manifestName(ids[1]!);
  const removeMany = async (names: readonly string[]): Promise<NotRemoved[]> => {
    requests.push(names);
    for (const name of names) if (name !== locked) await machine.store.remove(name);
    return names.includes(locked) ? [{ name: locked, error: new LockedError(`"${locked}" is locked`) }] : [];
  };
  const store = Object.create(machine.store, { removeMany: { value: removeMany } });
  const before = await machine.objects(`snapshots/${ids[1]}`);
  await assert.rejects(removeSnapshots(machine.tools({ store }), ids), LockedError);
  assert.deepEqual(requests.map((names) => names.length), [3, 6]);
  assert.deepEqual(requests[0], ids.map(manifestName));
  assert.deepEqual(await machine.objects("snapshots/"), before);
  assert.deepEqual(idsOf(await listSnapshots(machine.tools())), [ids[1]]);
});

for (const [what, storeMs, ownMs] of [["the store", 3650, 0], ["the machine", 0, 3650]] as const) {
  Deno.test(`no snapshot is older than it is by a clock of ${what} that is years ahead`, async () => {
    const day = 24 * 3600 * 1000;
    const start = Date.parse("2025-06-01T00:00:00Z");
    let ms = start;
    const [store, now] = [storeMs, ownMs].map((days) => () => new Date(ms + (ms > start ? days * day : 0)));
    await using machine = await Machine.make({}, new MemoryStore({ now: store! }));
    machine.write("a");
    for (let i = 0; i < 3; i++) await machine.backUp({}, { now: () => new Date(start) });
    ms += day;
    const policyOf = () => ({ olderThanMs: 30 * day });
    assert.deepEqual((await planPurge(machine.tools({ now: now! }), { policyOf, dryRun: false })).remove, []);
  });
}
