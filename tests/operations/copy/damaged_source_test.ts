import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { HOST_NAME, hostPrefix, manifestName, pinName } from "../../../src/model/names.ts";
import { executeCopy } from "../../../src/operations/copy/copy.ts";
import { planCopy } from "../../../src/operations/copy/plan.ts";
import { pinSnapshot } from "../../../src/operations/remove.ts";
import { repair } from "../../../src/operations/repair/repair.ts";
import { verifySnapshots } from "../../../src/operations/verify/verify.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { within } from "../../../src/store/within.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { nameByList } from "../listed.ts";
import { Machine } from "../machine.ts";

async function copy(machine: Machine, target: ObjectStore) {
  const tools = machine.tools();
  return await executeCopy(tools, target, await planCopy(tools, target, []));
}

async function problemsIn(machine: Machine, target: ObjectStore): Promise<readonly unknown[]> {
  const tools = machine.tools({ store: target });
  return (await verifySnapshots(tools, { snapshotIds: [], readers: 1 })).problems;
}

/** A snapshot that was copied, and written again by a repair of its store since. */
async function repaired() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 18 });
  for (let i = 0; i < 4; i++) machine.write(`file-${i}`, randomBytes(i, 100_000));
  const { id } = await machine.backUp();
  const target = new MemoryStore();
  await copy(machine, target);
  const [blob] = atLeast(1, await machine.objects("blobs/"));
  await machine.store.remove(blob);
  const options = { backups: [machine.options], deep: false, readers: 1, dryRun: false };
  assert.deepEqual((await repair(machine.rootTools(), options)).healed, [id]);
  return { machine, target, id, blob };
}

Deno.test("snapshots made after a repair are copied, and what was copied before it stays as it is", async () => {
  const { machine, target, id } = await repaired();
  await using _ = machine;
  const before = await target.get(manifestName(id));
  machine.write("later");
  const later = await machine.backUp();
  const { copied, problems, present } = await copy(machine, target);
  assert.ok(copied.includes(later.id) && !copied.includes(id));
  assert.deepEqual([problems, present], [[], 1]);
  assert.deepEqual(await target.get(manifestName(id)), before);
  assert.deepEqual(await problemsIn(machine, target), []);
  assert.deepEqual((await copy(machine, target)).copied, []);
});

Deno.test("of a snapshot that was copied before a repair, a pin is copied, and what its copy has lost since", async () => {
  const { machine, target, id, blob } = await repaired();
  await using _ = machine;
  const [other] = (await machine.objects("pages/")).filter((name) => name !== blob);
  for await (const { name } of target.list("pages/")) if (name === other) await target.remove(name);
  await pinSnapshot(machine.tools(), id);
  const { copied, problems } = await copy(machine, target);
  assert.ok(copied.includes(id));
  assert.deepEqual(problems, []);
  assert.notEqual(await target.size(pinName(id)), undefined);
  assert.deepEqual(await problemsIn(machine, target), []);
});

/** Two snapshots; what the first needs is named by a list. */
async function withList() {
  const machine = await Machine.make();
  machine.write("file", randomBytes(1, 50_000));
  const first = await machine.backUp();
  machine.write("file", randomBytes(2, 50_000));
  const second = await machine.backUp();
  await nameByList(machine, first);
  return { machine, first, second };
}

Deno.test("what someone has put beside a manifest or the sealed keys, larger than these are, is not fetched", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const { id } = await machine.backUp();
  const large = [pinName(id), `snapshots/${id}/other`, "keys/other"];
  for (const name of [HOST_NAME, ...large]) await machine.store.put(name, new Uint8Array(1 << 20));
  const asked: string[] = [];
  const get: ObjectStore["get"] = async (name, options) => {
    asked.push(name);
    return await machine.store.get(name, options);
  };
  const tools = machine.tools({
    store: Object.assign(within(machine.root, hostPrefix(machine.host)), { get }),
  });
  const target = new MemoryStore();
  assert.deepEqual((await executeCopy(tools, target, await planCopy(tools, target, []))).copied, [id]);
  assert.deepEqual(asked.filter((name) => large.includes(name)), []);
  assert.equal(await target.size(HOST_NAME), undefined);
  assert.deepEqual((await copy(machine, target)).present, 1);
});

for (
  const [what, objectOf] of [
    ["a list", async (machine: Machine) => (await machine.objects("lists/"))[0]!],
    ["its manifest", (_: Machine, { id }: { id: string }) => Promise.resolve(manifestName(id))],
  ] as const
) {
  Deno.test(`${what} that is damaged costs the snapshot that needs it, is a problem, and costs no other`, async () => {
    const { machine, first, second } = await withList();
    await using _ = machine;
    const object = await objectOf(machine, first);
    await machine.tamper(object, (bytes) => bytes.with(20, bytes[20]! ^ 1) as Uint8Array);
    const target = new MemoryStore();
    const { copied, problems } = await copy(machine, target);
    assert.deepEqual(copied, [second.id]);
    assert.deepEqual(problems.map(({ object, snapshots }) => [object, snapshots]), [[
      manifestName(first.id),
      [first.id],
    ]]);
    assert.match(problems[0]!.state, /^does not tell what its snapshot needs: Cannot read/);
    assert.deepEqual(await problemsIn(machine, target), []);
  });
}
