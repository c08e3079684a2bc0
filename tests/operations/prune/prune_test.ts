import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import {
  CorruptionError,
  LockedError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../../../src/base/errors.ts";
import { Index } from "../../../src/index/index.ts";
import { VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { hostPrefix, manifestName, snapshotName } from "../../../src/model/names.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { resolveSnapshot } from "../../../src/read/resolve.ts";
import { listSnapshots } from "../../../src/read/snapshots.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { within } from "../../../src/store/within.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree } from "../machine.ts";
import { DAY, HOUR, POLICY, Pruned } from "./clocked.ts";
import { watched, withGarbage } from "./garbage.ts";

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
  const [blob] = atLeast(
    1,
    atLeast(1, [...(await surveyPrune(pruned.tools(), POLICY)).named.ids.blobs]),
  );
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
      whole.with(60, whole[60]! ^ 1),
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
  const [voided, ...rest] = atLeast(1, await machine.objects("snapshots/"));
  assert.deepEqual(rest, [], "what was announced is gone");
  assert.equal(snapshotName(voided.split("/")[1]!), announcement);
  assert.deepEqual(await machine.store.get(voided), VOID_MANIFEST);
  assert.deepEqual(await listSnapshots(pruned.tools()), []);
  await assert.rejects(resolveSnapshot(machine.rootTools(), voided.split("/")[1]!), /has none of that id/);
  const second = await pruned.backUp();
  assert.deepEqual((await listSnapshots(pruned.tools())).map(({ id }) => id), [second.id]);
  clock.pass(30 * DAY);
  await pruned.prune();
  assert.deepEqual((await machine.objects("snapshots/")).filter((name) => name === voided), []);
});

Deno.test("a manifest that takes the place of a void just after it was listed is a manifest to that prune", async () => {
  const { pruned, kept, garbage } = await withGarbage();
  await using _ = pruned;
  const { store } = pruned.machine;
  const name = manifestName(kept.id);
  const manifest = await store.get(name);
  const needed = await pruned.machine.objects("blobs/");
  const prune = async (bytes: Uint8Array) => {
    await store.put(name, VOID_MANIFEST);
    const get: ObjectStore["get"] = async (asked, options) => {
      if (asked === name) await store.put(name, bytes);
      return await store.get(asked, options);
    };
    return await pruned.prune({ graceMs: 0 }, {
      store: Object.assign(within(pruned.machine.root, hostPrefix(pruned.machine.host)), { get }),
    });
  };
  await assert.rejects(
    prune(new Uint8Array(100)),
    /^CorruptionError: Cannot prune: what .* needs is not known/,
  );
  assert.deepEqual(await pruned.machine.objects("blobs/"), needed, "a void that was damaged lets nothing go");
  assert.equal((await prune(manifest)).blobsRemoved, garbage);
  assert.deepEqual((await pruned.machine.verify(kept)).problems, []);
});

Deno.test("a void of which a byte is another lets nothing go", async () => {
  const { pruned, kept } = await withGarbage();
  await using _ = pruned;
  const before = await pruned.machine.objects("blobs/");
  await pruned.machine.tamper(manifestName(kept.id), () => VOID_MANIFEST.with(3, 0));
  await assert.rejects(pruned.prune({ graceMs: 0 }), /needs is not known/);
  assert.deepEqual(await pruned.machine.objects("blobs/"), before);
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

Deno.test("a snapshot from a day when the host's clock was ahead hides no later one that could not see what is marked", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  const refused = () => {
    throw new RefusedError("Cannot list: refused");
  };
  machine.write("a");
  await pruned.backUp({}, { now: () => new Date(clock.ms + 365 * DAY) });
  clock.pass(DAY);
  await pruned.backUp({}, {
    store: Object.create(watched(machine.root, () => Promise.resolve()), { list: { value: refused } }),
  });
  await assert.rejects(pruned.prune(), /^UsageError: Cannot prune: backups of this host cannot see/);
  clock.pass(DAY);
  await pruned.backUp();
  await pruned.prune();
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
