import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { NotFoundError, UsageError } from "../../../src/base/errors.ts";
import { Index } from "../../../src/index/index.ts";
import { blobName, HOST_NAME, manifestName, parseBlobName, snapshotName } from "../../../src/model/names.ts";
import { type BlobKind, listName } from "../../../src/model/names.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { storeList } from "../../../src/write/publish.ts";
import { readManifest } from "../../../src/read/snapshots.ts";
import { verifySnapshots } from "../../../src/operations/verify/verify.ts";
import type { Event } from "../../../src/report/events.ts";
import { CountingStore } from "../../../src/store/counting.ts";
import { MetadataCache } from "../../../src/store/metadata_cache.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { file, forge, storeChunks } from "../forge.ts";
import { KEYS, Machine } from "../machine.ts";

/** A machine with three snapshots that share most of their blobs. */
async function withSnapshots() {
  const machine = await Machine.make({ blobSizeBytes: 1 << 19 });
  for (let i = 0; i < 8; i++) machine.write(`file-${i}`, randomBytes(i, 200_000));
  const backups = [await machine.backUp()];
  for (const i of [1, 2]) {
    machine.write("file-7", randomBytes(100 + i, 200_000));
    backups.push(await machine.backUp());
  }
  return { machine, store: machine.store, backups };
}

/** Ids of the blobs, or of the pages, that a snapshot needs. */
async function idsOf(machine: Machine, { id }: { readonly id: string }, kind: BlobKind): Promise<string[]> {
  const tools = machine.tools();
  const all = await new BlobLists(tools).all(await readManifest(tools, id));
  return all.filter(([of]) => of === kind).map(([, id]) => id);
}

const flip = (at: number) => (bytes: Uint8Array) => bytes.with(at, bytes[at]! ^ 1);

Deno.test("a quick verification lists each kind once, reads manifests only, and asks for no object", async () => {
  const { machine, store, backups } = await withSnapshots();
  await using _ = machine;
  const counting = new CountingStore(store);
  const summary = await verifySnapshots(machine.tools({ store: counting }), { snapshotIds: [], readers: 1 });
  assert.deepEqual([summary.problems, summary.snapshots.length, summary.objectsRead], [[], 3, 0]);
  const { list, get, size, put, remove } = counting.counts;
  // Manifests and sealed keys are found by listings, and read, and so is host.json.
  assert.deepEqual([list.calls, get.calls, size.calls, put.calls, remove.calls], [6, 5, 0, 0, 0]);
  const needed = new Set<string>();
  for (const backup of backups) {
    for (const kind of ["pages", "blobs"] as const) {
      for (const id of await idsOf(machine, backup, kind)) needed.add(id);
    }
  }
  assert.equal(summary.objects, needed.size + 3);
});

/** A store that says of each object which bytes it has, as S3 does, and gives manifests and lists alone; of `unstated` it says nothing. */
function stating(store: ObjectStore, unstated: (name: string) => boolean = () => false) {
  return new Proxy(store, {
    get(target, member) {
      if (member === "statedSha256") {
        return async (name: string) => unstated(name) ? undefined : sha256Hex(await target.get(name));
      }
      if (member === "get") {
        return (name: string) => {
          assert.match(name, /manifest|^lists\/|^host.json$|^keys/, "nothing else is fetched");
          return target.get(name);
        };
      }
      const value = Reflect.get(target, member);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("checksums that the store states name an object with other bytes, without a key and without fetching it", async () => {
  const { machine, store, backups } = await withSnapshots();
  await using _ = machine;
  const [blob] = atLeast(1, await idsOf(machine, backups[2]!, "blobs"));
  const damaged = blobName("blobs", blob);
  await machine.tamper(damaged, flip(100));
  const counting = new CountingStore(stating(store));
  const options = { snapshotIds: [], readers: 1 };
  assert.deepEqual((await verifySnapshots(machine.tools({ store: counting }), options)).problems, []);
  const summary = await verifySnapshots(machine.tools({ store: counting }), { ...options, checksums: true });
  assert.deepEqual(summary.problems.map(({ object }) => object), [damaged]);
  assert.equal(
    counting.counts.size.calls,
    summary.objects - 3,
    "each object but the encrypted snapshots, once",
  );
});

Deno.test("objects of which the store states nothing are counted in a warning, and a store that states none is refused", async () => {
  const { machine, store } = await withSnapshots();
  await using _ = machine;
  const warnings: string[] = [];
  const report = (event: Event) => void (event.kind === "warning" && warnings.push(event.text));
  const options = { snapshotIds: [], readers: 1, checksums: true };
  const tools = { store: stating(store, (name) => name.startsWith("pages/")), report };
  assert.deepEqual((await verifySnapshots(machine.tools(tools), options)).problems, []);
  assert.match(warnings.join(), /states no SHA-256 of \d+ objects/);
  await assert.rejects(verifySnapshots(machine.tools({ store }), options), UsageError);
});

Deno.test("a quick verification names what is missing or has another size, with the snapshots that need it", async () => {
  const { machine, backups } = await withSnapshots();
  await using _ = machine;
  const ids = backups.map(({ id }) => id);
  const blobs = await Promise.all(backups.map((backup) => idsOf(machine, backup, "blobs")));
  const pages = await Promise.all(backups.map((backup) => idsOf(machine, backup, "pages")));
  const shared = blobName("blobs", blobs[0]!.find((id) => blobs[2]!.includes(id))!);
  const own = blobName("pages", pages[2]!.find((id) => !pages[1]!.includes(id))!);
  await machine.tamper(shared, (bytes) => bytes.subarray(1));
  await machine.store.remove(own);
  await machine.store.remove(snapshotName(ids[1]!));
  await machine.tamper(manifestName(ids[0]!), flip(30));
  const { problems, snapshots } = await machine.verifyQuick();
  const found = Object.fromEntries(
    problems.map(({ object, state, snapshots }) => [object, [state, snapshots]]),
  );
  assert.deepEqual(snapshots, ids.slice(1));
  assert.equal(problems.length, 4);
  assert.match(found[shared]![0] as string, /^has \d+ bytes instead of \d+$/);
  assert.deepEqual(found[shared]![1], ids.slice(1));
  assert.deepEqual(found[own], ["is missing", [ids[2]]]);
  assert.deepEqual(found[snapshotName(ids[1]!)], ["is missing", [ids[1]]]);
  assert.match(found[manifestName(ids[0]!)]![0] as string, /^Cannot read manifest/);
  await assert.rejects(machine.verifyQuick({ snapshotIds: ["none"] }), NotFoundError);
});

Deno.test("a snapshot that has lost its manifest is reported, and one that is removed meanwhile is no damage", async () => {
  const { machine, store, backups } = await withSnapshots();
  await using _ = machine;
  await store.remove(manifestName(backups[0]!.id));
  assert.deepEqual((await machine.verifyQuick()).problems, []);
  assert.match(
    machine.texts("warning").at(-1)!,
    new RegExp(`^"snapshots/${backups[0]!.id}/" has no manifest`),
  );
  // As soon as the manifests are read, someone removes a snapshot and what only it needs.
  const { id } = backups[2]!;
  const removing = new Proxy(store, {
    get: (target, name) => {
      if (name !== "list") {
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return async function* (prefix: string) {
        if (prefix === "pages/") {
          await Promise.all([manifestName(id), snapshotName(id)].map((name) => store.remove(name)));
        }
        if (prefix !== "pages/") yield* store.list(prefix);
        else for await (const object of store.list(prefix)) if (isNeeded(object.name)) yield object;
      };
    },
  });
  const kept = await idsOf(machine, backups[1]!, "pages");
  const isNeeded = (name: string) => kept.includes(parseBlobName(name)!.id);
  const summary = await verifySnapshots(machine.tools({ store: removing }), { snapshotIds: [], readers: 1 });
  assert.deepEqual(summary.problems, []);
});

Deno.test("a deep verification reads each object once, however many snapshots share it", async () => {
  const { machine, store, backups } = await withSnapshots();
  await using _ = machine;
  const fetched = new Map<string, number>();
  const counting = new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "get") return typeof value === "function" ? value.bind(target) : value;
      return async (object: string, options: object) => {
        const bytes = await target.get(object, options);
        fetched.set(object, (fetched.get(object) ?? 0) + bytes.length);
        return bytes;
      };
    },
  });
  const options = { snapshotIds: [], deep: { identities: [KEYS.identity] }, readers: 2 };
  const summary = await verifySnapshots(machine.tools({ store: counting }), options);
  assert.deepEqual([summary.problems, summary.objectsRead], [[], summary.objects]);
  for await (const { name, size } of store.list("")) {
    if (parseBlobName(name) !== undefined) assert.equal(fetched.get(name), size, name);
  }
  assert.equal(summary.snapshots.length, backups.length);
});

Deno.test("a deep verification names a blob with one wrong byte, and the files of the snapshots that it costs", async () => {
  const { machine, backups } = await withSnapshots();
  await using _ = machine;
  const blobs = await Promise.all(backups.map((backup) => idsOf(machine, backup, "blobs")));
  const name = blobName("blobs", blobs[0]!.find((id) => blobs.every((others) => others.includes(id)))!);
  await machine.tamper(name, flip(100_000));
  assert.deepEqual((await machine.verifyQuick()).problems, [], "the size is right");
  const { problems: [problem, ...more] } = await machine.verify();
  assert.deepEqual([problem!.object, more], [name, []]);
  assert.match(problem!.state, /^is damaged: its bytes have the SHA-256 [0-9a-f]{64}$/);
  assert.deepEqual(problem!.snapshots, backups.map(({ id }) => id));
  for (const { id } of backups) {
    const { damaged } = await machine.restore({ id });
    assert.ok(damaged.length > 0);
    const costs = problem!.files.filter(({ snapshots }) => snapshots.includes(id)).map(({ path }) => path);
    assert.deepEqual(costs.sort(), damaged.map(({ path }) => path).sort());
  }
});

Deno.test("samples are remembered in the index: as many runs as it takes read every blob, and damage stays known", async () => {
  const { machine } = await withSnapshots();
  await using _ = machine;
  const blobs = (await machine.objects("blobs/")).map((name) => parseBlobName(name)!.id);
  await machine.tamper(blobName("blobs", blobs[0]!), flip(50_000));
  const { indexPath } = machine.options;
  const deep = { identities: [KEYS.identity], sample: 0.25 };
  const read = [];
  const found = [];
  for (let run = 0; run < 4; run++) {
    const { problems, objectsRead } = await machine.verifyQuick({ deep, indexPath });
    read.push(objectsRead);
    found.push(...problems.map(({ object }) => object));
  }
  assert.ok(read.every((count) => count < blobs.length + 6), read.join());
  assert.deepEqual([...new Set(found)], [blobName("blobs", blobs[0]!)]);
  using index = new Index(indexPath);
  const checked = index.checks.times();
  assert.deepEqual(blobs.filter((id) => !checked.has(id)), []);
  assert.deepEqual(index.checks.damaged().map(({ id }) => id), [blobs[0]]);
});

Deno.test("a verification makes no index, and does without one that a backup has open", async () => {
  const { machine } = await withSnapshots();
  await using _ = machine;
  const deep = { identities: [KEYS.identity], sample: 1 };
  const elsewhere = `${machine.directory}/none.sqlite`;
  assert.deepEqual((await machine.verifyQuick({ deep, indexPath: elsewhere })).problems, []);
  assert.throws(() => Deno.statSync(elsewhere), Deno.errors.NotFound);
  const index = new Index(machine.options.indexPath);
  const controller = new AbortController();
  const report = () => controller.abort();
  setTimeout(() => index[Symbol.dispose](), 200); // the backup ends while the verification waits for it
  const options = { snapshotIds: [], deep, readers: 1, indexPath: machine.options.indexPath };
  await verifySnapshots(machine.tools({ report: (event) => event.kind === "warning" && report() }), options);
  assert.ok(!controller.signal.aborted);
});

Deno.test("a list of blobs with a wrong byte is named, with the snapshots that need it, also where a good copy is kept here", async () => {
  await using machine = await Machine.make();
  const { places, object } = await storeChunks(machine, "blobs", [new TextEncoder().encode("contents")]);
  const list = await storeList(machine.tools(), [object]);
  const { id } = await forge(machine, [file("/file", places)], [], [list]);
  const cache = new MetadataCache(`${machine.directory}/cache`);
  const verify = () =>
    verifySnapshots(machine.tools({ cache }), {
      snapshotIds: [id],
      readers: 1,
      deep: { identities: [KEYS.identity] },
    });
  await verifySnapshots(machine.tools({ cache }), { snapshotIds: [], readers: 1 });
  assert.deepEqual((await verify()).problems, []);
  const name = listName(list[0]);
  await machine.tamper(name, flip(20));
  assert.ok(cache.get("lists", list[0]) !== undefined);
  const { problems } = await verify();
  assert.equal(problems.length, 1);
  assert.deepEqual([problems[0]!.object, problems[0]!.snapshots], [name, [id]]);
  assert.match(problems[0]!.state, /^is damaged/);
});

Deno.test("what makes a directory that of a host is verified: host.json is signed by it, and its sealed keys are there", async () => {
  await using machine = await Machine.make();
  await machine.backUp();
  const [keys] = atLeast(1, await machine.objects("keys/"));
  const bytes = await machine.store.get(HOST_NAME);
  await machine.tamper(HOST_NAME, flip(40));
  await machine.tamper(keys, flip(40));
  const found = async () =>
    (await machine.verifyQuick()).problems.map(({ object, state }) => `${object} ${state}`);
  const [ofHost, ofKeys] = atLeast(2, await found());
  assert.match(ofHost, /^host\.json is damaged: its signature does not fit$/);
  assert.match(ofKeys, new RegExp(`^${keys} is damaged`));
  await machine.store.put(HOST_NAME, bytes);
  await machine.store.remove(keys);
  assert.deepEqual(await found(), ["keys/ is missing"]);
});
