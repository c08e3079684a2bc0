import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { EnvironmentError, InterruptedError, UnavailableError } from "../../src/base/errors.ts";
import { parseBlobName, splitHostName } from "../../src/model/names.ts";
import { listSnapshots } from "../../src/read/snapshots.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { PutOptions } from "../../src/store/store.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A store that does something before and after certain puts. */
class WatchedStore extends MemoryStore {
  readonly puts: string[] = [];
  before: (name: string, number: number) => void = () => {};
  after: (name: string, number: number) => void = () => {};

  override async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const number = this.puts.push(name);
    this.before(name, number);
    await super.put(name, bytes, options);
    this.after(name, number);
  }

  calm(): void {
    this.before = this.after = () => {};
  }
}

async function withFiles(change: object = {}): Promise<Machine & { root: WatchedStore }> {
  const machine = await Machine.make({ blobSizeBytes: 1 << 20, ...change }, new WatchedStore());
  for (let i = 0; i < 2; i++) machine.write(`d/file-${i}`, randomBytes(i, 900_000));
  return machine as Machine & { root: WatchedStore };
}

const fail = () => {
  throw new UnavailableError("the store is away");
};

Deno.test("a backup that fails at any put leaves no snapshot, and the next one goes on where it was", async () => {
  await using machine = await withFiles();
  const store = machine.root;
  const made = [await machine.backUp()];
  // The first time who the host is and its sealed keys; each time two blobs, a blob of pages, the snapshot and its manifest.
  assert.equal(store.puts.length, 2 + 5);
  for (let failing = 1; failing <= 5; failing++) {
    for (const isStored of [false, true]) {
      for (const i of [1, 2]) {
        machine.write(`d/file-${failing}-${isStored}-${i}`, randomBytes(made.length * 9 + i, 900_000));
      }
      store.puts.length = 0;
      store[isStored ? "after" : "before"] = (_, number) => number === failing && fail();
      await assert.rejects(machine.backUp(), UnavailableError, `put ${failing}`);
      const isCommitted = isStored && failing === 5;
      assert.equal((await listSnapshots(machine.tools())).length, made.length + (isCommitted ? 1 : 0));
      const stored = (await Array.fromAsync(store.list(""), ({ name }) => name))
        .filter((name) => parseBlobName(splitHostName(name)!.rest) !== undefined);
      store.calm();
      store.puts.length = 0;
      made.push(await machine.backUp());
      assert.deepEqual(store.puts.filter((name) => stored.includes(name)), [], "nothing is stored twice");
    }
  }
  for (const backup of made.slice(-4)) assert.deepEqual((await machine.verify(backup)).problems, []);
  await assertSameTree((await machine.restore(made.at(-1)!)).data, machine.data);
});

Deno.test("a blob that arrived although its put failed is not sent again, also when it is the only one", async () => {
  await using machine = await Machine.make({}, new WatchedStore());
  const store = machine.root as WatchedStore;
  machine.write("file", randomBytes(1, 300_000));
  store.after = (name) => splitHostName(name)!.rest.startsWith("blobs/") && fail();
  await assert.rejects(machine.backUp(), UnavailableError);
  assert.equal((await machine.objects("blobs/")).length, 1);
  store.calm();
  const second = await machine.backUp();
  assert.equal(second.bytesNew, 0);
  assert.equal((await machine.objects("blobs/")).length, 1);
  assert.deepEqual((await machine.verify(second)).problems, []);
});

Deno.test("a blob that arrived cut short is stored again", async () => {
  await using machine = await Machine.make({}, new WatchedStore());
  const store = machine.root as WatchedStore;
  machine.write("file", randomBytes(1, 300_000));
  store.after = (name) => splitHostName(name)!.rest.startsWith("blobs/") && fail();
  await assert.rejects(machine.backUp(), UnavailableError);
  store.calm();
  const [name] = atLeast(1, await machine.objects("blobs/"));
  await machine.tamper(name, (bytes) => bytes.subarray(0, -1));
  const second = await machine.backUp();
  assert.equal(second.bytesNew, 300_000);
  assert.deepEqual((await machine.verify(second)).problems, []);
});

Deno.test("backUp() ends when it is asked to, and lets go of the index", async () => {
  await using machine = await withFiles();
  const interruption = new AbortController();
  machine.root.before = (_, number) => number === 2 && interruption.abort(new InterruptedError());
  await assert.rejects(machine.backUp({}, { signal: interruption.signal }), (error) => {
    assert.ok(error instanceof InterruptedError);
    assert.equal(
      error.message,
      "Interrupted: no snapshot home was made; what is stored already is not sent again",
    );
    return true;
  });
  await assert.rejects(machine.backUp({}, { signal: AbortSignal.abort() }), InterruptedError);
  machine.root.calm();
  const backup = await machine.backUp();
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("a second backup with the same index is refused while the first one runs", async () => {
  await using machine = await withFiles();
  const [first, second] = await Promise.allSettled([machine.backUp(), machine.backUp()]);
  const [done, refused] = first.status === "fulfilled" ? [first, second] : [second, first];
  assert.equal(done.status, "fulfilled");
  assert.ok(refused.status === "rejected" && refused.reason instanceof EnvironmentError);
});

Deno.test("a store that was emptied is reported, and everything is stored again", async () => {
  await using machine = await withFiles();
  const first = await machine.backUp();
  for (const name of await machine.objects()) await machine.store.remove(name);
  const second = await machine.backUp();
  assert.match(
    machine.texts("warning").join(),
    /are not in memory:\/hosts\/[a-z2-7]{26}: their files are stored again/,
  );
  assert.equal(second.bytesNew, first.bytesNew);
  assert.deepEqual((await machine.verify(second)).problems, []);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("a store that lost its last manifest and one blob gets what needs that blob again", async () => {
  await using machine = await withFiles();
  const first = await machine.backUp();
  const [lost, ...kept] = await machine.objects("blobs/");
  for (const name of [lost, ...await machine.objects(`snapshots/${first.id}`)]) {
    await machine.store.remove(name!);
  }
  const second = await machine.backUp();
  assert.equal(machine.texts("warning").length, 1);
  assert.ok(second.bytesNew > 0 && second.bytesNew < first.bytesNew, `${second.bytesNew}`);
  assert.deepEqual((await machine.objects("blobs/")).filter((name) => kept.includes(name)), kept);
  assert.deepEqual((await machine.verify(second)).problems, []);
});

Deno.test("a store that lost all pages but no blob gets its pages again, and no file is read", async () => {
  await using machine = await withFiles();
  const first = await machine.backUp();
  const names = [...await machine.objects("pages/"), ...await machine.objects(`snapshots/${first.id}`)];
  for (const name of names) await machine.store.remove(name);
  const second = await machine.backUp();
  assert.deepEqual([second.filesRead, second.bytesNew], [0, 0]);
  assert.deepEqual((await machine.verify(second)).problems, []);
});

Deno.test("an index that is deleted costs time and space, and no data", async () => {
  await using machine = await withFiles();
  const first = await machine.backUp();
  Deno.removeSync(machine.options.indexPath);
  const second = await machine.backUp();
  assert.equal(second.filesRead, first.filesRead);
  for (const backup of [first, second]) assert.deepEqual((await machine.verify(backup)).problems, []);
});

Deno.test("an index that is damaged is reported and replaced by a new one", async () => {
  await using machine = await withFiles();
  await machine.backUp();
  Deno.writeTextFileSync(machine.options.indexPath, "damaged".repeat(1000));
  const second = await machine.backUp();
  assert.match(machine.texts("warning").join(), /was set aside and replaced by a new one: it is damaged/);
  assert.deepEqual((await machine.verify(second)).problems, []);
});
