import assert from "node:assert/strict";
import {
  CorruptionError,
  LockedError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { Index } from "../../../src/index/index.ts";
import { VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { hostPrefix, manifestName, snapshotName, splitHostName } from "../../../src/model/names.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { RECORD_STORED_MAX, recordName } from "../../../src/model/prune_record.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { resolveSnapshot } from "../../../src/read/resolve.ts";
import { listSnapshots, readManifest } from "../../../src/read/snapshots.ts";
import { openFileStore } from "../../../src/store/file.ts";
import type { MemoryStore } from "../../../src/store/memory.ts";
import type { GetOptions, ObjectStore, PutOptions } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, Machine } from "../machine.ts";
import { DAY, HOUR, POLICY, Pruned } from "./clocked.ts";

/** Two snapshots, each with a blob that the other does not need; the first is removed. */
async function withGarbage(): Promise<{ pruned: Pruned; kept: { id: string }; garbage: number }> {
  const pruned = await Pruned.make();
  pruned.machine.write("a", randomBytes(1, 100_000));
  const first = await pruned.backUp();
  pruned.machine.write("a", randomBytes(2, 100_000));
  const kept = await pruned.backUp();
  await pruned.remove(first);
  const tools = pruned.tools();
  const needed = await new BlobLists(tools).all(await readManifest(tools, kept.id));
  const objects = [...await pruned.machine.objects("blobs/"), ...await pruned.machine.objects("pages/")];
  // A blob of data, and one of pages, unless by its random name the directory ends a page that both have.
  const garbage = objects.length - needed.length;
  assert.ok(garbage === 1 || garbage === 2, `${garbage}`);
  return { pruned, kept, garbage };
}

Deno.test("a prune marks what no snapshot names, and a later one deletes it: each not before the grace time", async () => {
  const { pruned, kept, garbage } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  const before = await machine.objects("blobs/");
  assert.equal((await pruned.prune()).blobsMarked, 0, "it is too young");
  clock.pass(DAY);
  assert.deepEqual(await pruned.prune(), { blobsRemoved: 0, blobsMarked: garbage, leftoversRemoved: 0 });
  assert.equal((await machine.objects("prune/")).length, 1);
  clock.pass(DAY - 1000);
  assert.deepEqual(await pruned.prune(), { blobsRemoved: 0, blobsMarked: 0, leftoversRemoved: 0 });
  assert.deepEqual(await machine.objects("blobs/"), before);
  clock.pass(1000);
  assert.equal((await pruned.prune()).blobsRemoved, garbage);
  assert.equal((await machine.objects("blobs/")).length, 1);
  assert.deepEqual((await machine.verify(kept)).problems, []);
  assert.deepEqual(await pruned.prune(), { blobsRemoved: 0, blobsMarked: 0, leftoversRemoved: 0 });
  const next = await pruned.backUp();
  assert.equal(next.bytesNew, 0, "what is kept is still known");
});

Deno.test("a prune leaves what is locked, says so, and deletes it when the lock has ended", async () => {
  const { pruned } = await withGarbage();
  await using _ = pruned;
  const { store } = pruned.machine;
  const remove = store.remove.bind(store);
  store.remove = (name, options) =>
    name.startsWith("blobs/") ? Promise.reject(new LockedError("locked")) : remove(name, options);
  assert.equal((await pruned.prune({ graceMs: 0 })).blobsRemoved, 1, "the blob of pages");
  assert.match(pruned.machine.texts("note").join(), /1 objects are locked/);
  store.remove = remove;
  assert.equal((await pruned.prune({ graceMs: 0 })).blobsRemoved, 1);
});

Deno.test("a prune without a grace time deletes at once", async () => {
  const { pruned, kept, garbage } = await withGarbage();
  await using _ = pruned;
  assert.equal((await pruned.prune({ graceMs: 0 })).blobsRemoved, garbage);
  assert.deepEqual((await pruned.machine.verify(kept)).problems, []);
});

Deno.test("a survey of a dry run writes nothing and says what is to be done", async () => {
  const { pruned, garbage } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  clock.pass(DAY);
  const before = await machine.objects();
  const { plan } = await surveyPrune(pruned.tools(), { ...POLICY, dryRun: true });
  assert.deepEqual(
    [plan.marked.objects, plan.removed.objects, plan.kept["named by a snapshot"]?.objects],
    [garbage, 0, 2],
  );
  assert.deepEqual(plan.missing, []);
  assert.deepEqual(await machine.objects(), before);
});

Deno.test("what is younger than the least age is not marked", async () => {
  const { pruned, garbage } = await withGarbage();
  await using _ = pruned;
  pruned.clock.pass(29 * DAY);
  assert.equal((await pruned.prune({ minAgeMs: 30 * DAY })).blobsMarked, 0);
  pruned.clock.pass(DAY);
  assert.equal((await pruned.prune({ minAgeMs: 30 * DAY })).blobsMarked, garbage);
});

Deno.test("a prune refuses while a snapshot lacks an object, or a manifest cannot be read", async () => {
  const { pruned, kept, garbage } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  clock.pass(DAY);
  await pruned.prune();
  clock.pass(DAY);
  const [blob] = (await surveyPrune(pruned.tools(), POLICY)).named.ids.blobs;
  const name = (await machine.objects("blobs/")).find((name) => name.endsWith(blob))!;
  const bytes = await machine.store.get(name);
  await machine.store.remove(name);
  await assert.rejects(pruned.prune(), (error: Error) => {
    assert.ok(error instanceof CorruptionError);
    assert.match(error.message, /^Cannot prune: snapshots need 1 objects that are not there, as "blobs\//);
    return true;
  });
  await machine.store.put(name, bytes);
  const manifest = manifestName(kept.id);
  const whole = await machine.store.get(manifest);
  const objects = await machine.objects("blobs/");
  for (
    const damaged of [
      whole.slice(0, -20),
      whole.slice(0, 10),
      new Uint8Array(0),
      whole.with(60, whole[60] ^ 1),
    ]
  ) {
    await machine.store.put(manifest, damaged);
    await assert.rejects(pruned.prune(), CorruptionError);
  }
  assert.deepEqual(await machine.objects("blobs/"), objects);
  await machine.store.put(manifest, whole);
  assert.equal((await pruned.prune()).blobsRemoved, garbage);
});

Deno.test("a backup that a prune has overtaken stores again what was marked, and names no marked blob", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  machine.write("a", randomBytes(1, 100_000));
  const first = await pruned.backUp();
  await pruned.remove(first);
  machine.write("b", randomBytes(2, 50_000));
  // The run knows the blob of "a" from its index; a prune marks and deletes it while the run is busy with "b".
  let isFirst = true;
  const store = watched(machine.root, async (name) => {
    if (!name.startsWith("blobs/") || !isFirst) return;
    isFirst = false;
    clock.pass(DAY);
    await pruned.prune();
    clock.pass(DAY);
    await pruned.prune();
  });
  // The manifest of the first was removed, which alone would make the run look at all blobs, so it is made to seem there.
  const { manifestSize } = lastSnapshotOf(machine.options.indexPath);
  const manifest = hostPrefix(machine.host) + manifestName(first.id);
  const size = (name: string) => name === manifest ? Promise.resolve(manifestSize) : machine.root.size(name);
  const second = await pruned.backUp({}, { store: Object.create(store, { size: { value: size } }) });
  assert.deepEqual((await machine.verify(second)).problems, []);
  await assertSameTree((await machine.restore(second)).data, machine.data);
  assert.match(
    machine.texts("note").join(),
    /what a prune has marked for deletion meanwhile is stored again/,
  );
});

function lastSnapshotOf(indexPath: string) {
  using index = new Index(indexPath);
  return index.lastSnapshot()!;
}

/** `store`, which several hosts may share, and `after` each put that came from the run, with the name within the host's directory. */
function watched(store: MemoryStore | object, after: (name: string) => Promise<void>): MemoryStore {
  const inner = store as MemoryStore;
  return Object.create(inner, {
    location: { value: inner.location },
    size: { value: inner.size.bind(inner) },
    get: { value: inner.get.bind(inner) },
    list: { value: inner.list.bind(inner) },
    remove: { value: inner.remove.bind(inner) },
    put: {
      value: async (name: string, bytes: Uint8Array, options?: PutOptions) => {
        await inner.put(name, bytes, options);
        await after(splitHostName(name)!.rest);
      },
    },
  }) as MemoryStore;
}

Deno.test("a publication that stands still is voided: it cannot be finished any more, and is no snapshot", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  machine.write("a", randomBytes(1, 100_000));
  const store = watched(machine.root, (name) => {
    if (name.startsWith("snapshots/")) throw new UnavailableError("cut off");
    return Promise.resolve();
  });
  await assert.rejects(pruned.backUp({}, { store }), UnavailableError);
  const [announcement] = await machine.objects("snapshots/");
  clock.pass(DAY);
  await pruned.prune();
  const [voided, ...rest] = await machine.objects("snapshots/");
  assert.deepEqual(rest, [], "what was announced is gone");
  assert.equal(snapshotName(voided.split("/")[1]), announcement);
  assert.deepEqual(await machine.store.get(voided), VOID_MANIFEST);
  assert.deepEqual(await listSnapshots(pruned.tools()), []);
  await assert.rejects(resolveSnapshot(machine.rootTools(), voided.split("/")[1]), /has none of that id/);
  const second = await pruned.backUp();
  assert.deepEqual((await listSnapshots(pruned.tools())).map(({ id }) => id), [second.id]);
  clock.pass(30 * DAY);
  await pruned.prune();
  assert.deepEqual((await machine.objects("snapshots/")).filter((name) => name === voided), []);
});

Deno.test("a prune refuses where a host's backups cannot see what is marked, until they can", async () => {
  await using pruned = await Pruned.make();
  const { machine } = pruned;
  machine.write("a");
  const list = () => {
    throw new RefusedError("Cannot list: refused");
  };
  await pruned.backUp({}, {
    store: Object.create(watched(machine.root, () => Promise.resolve()), { list: { value: list } }),
  });
  await assert.rejects(pruned.prune(), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /^Cannot prune: backups of this host cannot see what a prune marks for deletion/,
    );
    return true;
  });
  await pruned.backUp();
  await pruned.prune();
});

Deno.test("records go after a month, the newest never, and hosts that missed some look at all blobs", async () => {
  const { pruned } = await withGarbage();
  await using _ = pruned;
  const { machine, clock } = pruned;
  for (let round = 0; round < 3; round++) {
    machine.write("a", randomBytes(10 + round, 70_000));
    await pruned.remove(await pruned.backUp());
    clock.pass(2 * DAY);
    await pruned.prune();
  }
  assert.equal((await machine.objects("prune/")).length, 3);
  clock.pass(31 * DAY);
  await pruned.prune();
  assert.equal((await machine.objects("prune/")).length, 1);
  machine.write("a", randomBytes(2, 100_000));
  const back = await pruned.backUp();
  assert.deepEqual((await machine.verify(back)).problems, []);
});

const UNREADABLE: [what: string, change: (record: Uint8Array) => Uint8Array, said: RegExp][] = [
  [
    "is damaged",
    (bytes) => bytes.with(40, bytes[40] ^ 1),
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
    const [record] = await machine.objects("prune/");
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

Deno.test("an object that asked for the time and was left is removed", async () => {
  await using pruned = await Pruned.make();
  await pruned.machine.store.put("prune/clock-left", new Uint8Array(1));
  await pruned.prune();
  assert.equal((await pruned.machine.objects("prune/")).length, 1);
  pruned.clock.pass(HOUR);
  await pruned.prune();
  assert.deepEqual(await pruned.machine.objects("prune/"), []);
});
