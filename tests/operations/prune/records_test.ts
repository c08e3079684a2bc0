import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { LockedError, RefusedError, UsageError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { hostPrefix } from "../../../src/model/names.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { RECORD_STORED_MAX, recordName } from "../../../src/model/prune_record.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { readManifest } from "../../../src/read/snapshots.ts";
import { openFileStore } from "../../../src/store/file.ts";
import type { GetOptions, ObjectStore } from "../../../src/store/store.ts";
import { within } from "../../../src/store/within.ts";
import { randomBytes } from "../../chunk/random.ts";
import { Machine } from "../machine.ts";
import { DAY, Pruned } from "./clocked.ts";
import { watched, withGarbage } from "./garbage.ts";

/** Prunes so often, each time after the removal of something new. */
async function leaveRecords(pruned: Pruned, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    pruned.machine.write("a", randomBytes(10 + round, 70_000));
    await pruned.remove(await pruned.backUp());
    pruned.clock.pass(2 * DAY);
    await pruned.prune();
  }
}

Deno.test("records go after a month, the newest never, and hosts that missed some look at all blobs", async () => {
  const { pruned } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  await leaveRecords(pruned, 3);
  assert.equal((await machine.objects("prune/")).length, 3);
  clock.pass(31 * DAY);
  await pruned.prune();
  assert.equal((await machine.objects("prune/")).length, 1);
  machine.write("a", randomBytes(2, 100_000));
  const back = await pruned.backUp();
  assert.deepEqual((await machine.verify(back)).problems, []);
});

Deno.test("the oldest record goes first, and while a lock keeps it no newer one goes", async () => {
  const { pruned } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  await leaveRecords(pruned, 4);
  const records = await machine.objects("prune/");
  clock.pass(31 * DAY);
  const prune = (locked: string | undefined) => {
    const remove = (name: string) =>
      name === locked ? Promise.reject(new LockedError(`"${name}" is locked`)) : machine.store.remove(name);
    return pruned.prune({}, {
      store: Object.assign(within(machine.root, hostPrefix(machine.host)), { remove }),
    });
  };
  const [oldest, second, third, ...rest] = records;
  await prune(oldest);
  assert.deepEqual(await machine.objects("prune/"), records);
  await prune(second);
  assert.deepEqual(await machine.objects("prune/"), [second, third, ...rest]);
  await prune(undefined);
  assert.deepEqual(await machine.objects("prune/"), rest.slice(-1));
});

const UNREADABLE: [what: string, change: (record: Uint8Array) => Uint8Array, said: RegExp][] = [
  [
    "is damaged",
    (bytes) => bytes.with(40, bytes[40]! ^ 1),
    /prune\/\S+\.json" is damaged: until vaultik prune/,
  ],
  ["is cut off", (bytes) => bytes.slice(0, 20), /prune\/\S+\.json" is damaged: until vaultik prune/],
  ["is empty", () => new Uint8Array(0), /prune\/\S+\.json" is damaged: until vaultik prune/],
];

for (const [what, change, said] of UNREADABLE) {
  Deno.test(`with a record that ${what} backups go on, and nothing else is deleted until it is removed`, async () => {
    const { pruned, garbage } = await withGarbage();
    await using _ = pruned;
    const { machine, clock } = pruned;
    clock.pass(DAY);
    await pruned.prune();
    const [record] = atLeast(1, await machine.objects("prune/"));
    await machine.tamper(record, change);
    const blind = await pruned.backUp();
    assert.match(machine.texts("warning").join(), said);
    assert.deepEqual((await machine.verify(blind)).problems, []);
    assert.equal((await readManifest(pruned.tools(), blind.id)).blind, true);
    const before = await machine.objects();
    clock.pass(2 * DAY);
    assert.deepEqual(await pruned.prune(), { blobsRemoved: 0, blobsMarked: 0, leftoversRemoved: 1 });
    assert.deepEqual(await machine.objects(), before.filter((name) => name !== record));
    await assert.rejects(pruned.prune(), UsageError, "until a backup has looked again");
    const seeing = await pruned.backUp();
    assert.equal((await readManifest(pruned.tools(), seeing.id)).blind, undefined);
    assert.equal((await pruned.prune()).blobsMarked, garbage);
    clock.pass(DAY);
    assert.equal((await pruned.prune()).blobsRemoved, garbage);
    assert.deepEqual((await machine.verify()).problems, []);
  });
}

/** A record of those bytes, as its name says. */
async function putRecord({ machine, clock }: Pruned, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const name = recordName(clock.now(), sha256Hex(bytes));
  await machine.store.put(name, bytes);
  return name;
}

Deno.test("a record of two bytes that has the name of its hash is damaged as well, and goes", async () => {
  await using pruned = await Pruned.make();
  const { machine } = pruned;
  machine.write("a");
  await pruned.backUp();
  const record = await putRecord(pruned, "{}");
  assert.deepEqual((await machine.verify(await pruned.backUp())).problems, []);
  assert.match(machine.texts("warning").join(), new RegExp(`${record}" is damaged`));
  await pruned.prune();
  assert.deepEqual(await machine.objects("prune/"), []);
});

Deno.test("a record of a newer program lets backups go on, and stays; prune says to upgrade", async () => {
  await using pruned = await Pruned.make();
  const { machine } = pruned;
  machine.write("a");
  await pruned.backUp();
  const record = await putRecord(pruned, '{"vaultik_prune":99}\n');
  await assert.rejects(pruned.prune(), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, new RegExp(`${record}": a newer Vaultik made it`));
    return true;
  });
  assert.deepEqual((await machine.verify(await pruned.backUp())).problems, []);
  assert.match(machine.texts("warning").join(), new RegExp(`${record}" was made by a newer Vaultik`));
  assert.deepEqual(await machine.objects("prune/"), [record]);
});

Deno.test("a record that may not be read lets backups go on, and the prune refuses", async () => {
  await using pruned = await Pruned.make();
  const { machine } = pruned;
  machine.write("a");
  await pruned.backUp();
  const record = await putRecord(pruned, "anything");
  const store = watched(machine.root, () => Promise.resolve());
  const get = () => Promise.reject(new RefusedError("Cannot read: refused"));
  await pruned.backUp({}, { store: Object.create(store, { get: { value: get } }) });
  assert.match(machine.texts("warning").join(), new RegExp(`${record}" may not be read`));
  await machine.store.remove(record);
  await assert.rejects(pruned.prune(), UsageError);
});

function noting(store: ObjectStore, onGet: (name: string, options?: GetOptions) => void): ObjectStore {
  return new Proxy(store, {
    get: (target, verb) => {
      const value = Reflect.get(target, verb);
      if (verb !== "get") return typeof value === "function" ? value.bind(target) : value;
      return (name: string, options?: GetOptions) => {
        onGet(name, options);
        return target.get(name, options);
      };
    },
  });
}

Deno.test("a record of 384 MB is not fetched, neither by a backup nor by a prune", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-record-" });
  const limits: (number | undefined)[] = [];
  const store = noting(await openFileStore(directory), (name, { maxBytes } = {}) => {
    if (name.includes("/prune/")) limits.push(maxBytes);
  });
  await using machine = await Machine.make({}, store);
  try {
    machine.write("a");
    await machine.backUp();
    const name = recordName(new Date(), "ab".repeat(32));
    await machine.store.put(name, new Uint8Array(1));
    await Deno.truncate(`${directory}/${hostPrefix(machine.host)}${name}`, 384e6);
    const backup = await machine.backUp();
    assert.match(machine.texts("warning").join(), new RegExp(`${name}" is damaged`));
    const options = { graceMs: DAY, minAgeMs: 0, dryRun: false };
    await executePrune(machine.tools(), await surveyPrune(machine.tools(), options), options);
    assert.deepEqual(limits, [RECORD_STORED_MAX, RECORD_STORED_MAX], "stores refuse to fetch more");
    assert.deepEqual(await machine.objects("prune/"), []);
    assert.deepEqual((await machine.verify(backup)).problems, []);
  } finally {
    await store[Symbol.asyncDispose]();
    await Deno.remove(directory, { recursive: true });
  }
});
