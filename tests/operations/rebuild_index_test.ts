import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { InterruptedError, NotFoundError, UnavailableError, UsageError } from "../../src/base/errors.ts";
import { Index } from "../../src/index/index.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { blobName, hostPrefix } from "../../src/model/names.ts";
import { backUp } from "../../src/operations/backup/backup.ts";
import { BlobLists } from "../../src/read/blob_lists.ts";
import { hostOf } from "../../src/read/sealed_keys.ts";
import { loadHostKeys, readHostKeys } from "../../src/operations/host_keys.ts";
import type { Tools } from "../../src/read/tools.ts";
import { rebuildIndex, type RebuildSummary } from "../../src/operations/rebuild_index.ts";
import { listSnapshots, readManifest } from "../../src/read/snapshots.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { GetOptions } from "../../src/store/store.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { randomBytes } from "../chunk/random.ts";
import { directory, file, forge } from "./forge.ts";
import { nameByList } from "./listed.ts";
import { assertSameTree, KEYS, Machine } from "./machine.ts";

function rebuild(
  machine: Machine,
  identities = [KEYS.identity],
  tools: Tools = machine.rootTools(),
): Promise<RebuildSummary> {
  const { indexPath, hostname, recipients } = machine.options;
  return rebuildIndex(tools, { indexPath, host: hostname, recipients, identities });
}

/** Loses the index and the host's keys; what is left to work with. */
function loseDirectory(machine: Machine): Tools {
  const tools = machine.rootTools({ own: undefined, namesKeys: undefined });
  Deno.removeSync(`${machine.directory}/index`, { recursive: true });
  return tools;
}

function removeIndex({ options: { indexPath } }: Machine): void {
  Deno.removeSync(indexPath);
}

/** Files of one chunk, of several, with list pages, two names, holes; in some pages; backed up twice. */
async function withHistory() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 19 });
  machine.writePages(3);
  machine.write("listed", randomBytes(9, 1_700_000));
  machine.write("several", randomBytes(1, 20_000));
  Deno.linkSync(`${machine.data}/several`, `${machine.data}/other-name`);
  await machine.backUp();
  machine.write("many/1-file-2", "changed");
  const last = await machine.backUp();
  return { machine, last };
}

Deno.test("an index that is deleted and rebuilt gives a next backup that reads all and uploads no data blob and no page again", async () => {
  const { machine, last } = await withHistory();
  await using _ = machine;
  const before = { blobs: await machine.objects("blobs/"), pages: await machine.objects("pages/") };
  removeIndex(machine);
  const summary = await rebuild(machine);
  assert.deepEqual([summary.snapshots, summary.lost, summary.keysRestored, summary.host], [
    2,
    0,
    false,
    machine.host,
  ]);
  assert.equal(summary.blobs, before.blobs.length + before.pages.length);
  const next = await machine.backUp();
  assert.ok(next.filesRead > 30);
  assert.equal(next.bytesNew, 0);
  assert.deepEqual(await machine.objects("blobs/"), before.blobs);
  // The page with the directories above changes when others make files there.
  assert.ok((await machine.objects("pages/")).length <= before.pages.length + 1);
  assert.ok(next.pagesNew <= 1);
  const [old, now] = atLeast(
    2,
    await Promise.all([last, next].map(({ id }) => readManifest(machine.tools(), id))),
  );
  assert.deepEqual([now.host, now.hostKey, now.set], [old.host, old.hostKey, old.set]);
  const lists = new BlobLists(machine.tools());
  const blobsOf = async (manifest: Manifest) =>
    (await lists.all(manifest)).filter(([kind]) => kind === "blobs");
  assert.deepEqual(await blobsOf(now), await blobsOf(old));
  assert.deepEqual((await machine.verify(next)).problems, []);
  await assertSameTree((await machine.restore(next)).data, machine.data);
  const quiet = await machine.backUp();
  assert.deepEqual([quiet.filesRead, quiet.bytesNew], [0, 0]);
});

Deno.test("a machine that begins as a new host beside others says so, and how it becomes the one it was", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  await machine.backUp();
  const tools = loseDirectory(machine);
  machine.events.length = 0;
  const { indexPath, recipients } = machine.options;
  await backUp(tools, machine.options);
  const notes = machine.events.filter(({ kind }) => kind === "note").map((event) =>
    "text" in event && event.text
  );
  assert.match(String(notes), /has another host; this machine begins as a new one/);
  assert.notEqual(hostOf(readHostKeys(indexPath)!), machine.host);

  Deno.removeSync(`${indexPath}.host.json`);
  await rebuildIndex(tools, { indexPath, host: machine.host, recipients, identities: [KEYS.identity] });
  machine.events.length = 0;
  await machine.backUp();
  assert.deepEqual(machine.events.filter(({ kind }) => kind === "note"), []);
  assert.equal((await listSnapshots(machine.tools())).length, 2);
});

Deno.test("a rebuild after the loss of the whole index directory goes on as the same host, and no data blob is uploaded again", async () => {
  const { machine, last } = await withHistory();
  await using _ = machine;
  const before = await machine.objects("blobs/");
  const keys = loadHostKeys(machine.options.indexPath);
  const summary = await rebuild(machine, undefined, loseDirectory(machine));
  assert.deepEqual([summary.host, summary.keysRestored, summary.lost], [machine.host, true, 0]);
  assert.deepEqual(readHostKeys(machine.options.indexPath), keys);
  const next = await machine.backUp();
  assert.equal(next.bytesNew, 0);
  assert.deepEqual(await machine.objects("blobs/"), before);
  const [old, now] = atLeast(
    2,
    await Promise.all([last, next].map(({ id }) => readManifest(machine.tools(), id))),
  );
  assert.deepEqual([now.host, now.hostKey, now.set], [old.host, old.hostKey, old.set]);
  assert.deepEqual((await machine.verify()).problems, []);
  await assertSameTree((await machine.restore(next)).data, machine.data);
});

Deno.test("a rebuild without the keys is refused for a host that is unknown, or of two hosts of one name, and finds one by its id", async () => {
  await using one = await Machine.make();
  await using other = await Machine.make({}, one.root);
  for (const machine of [one, other]) {
    machine.write("file", machine.host);
    await machine.backUp();
  }
  const tools = loseDirectory(one);
  const { indexPath, recipients } = one.options;
  await assert.rejects(
    rebuild(one, undefined, tools),
    (error: Error) =>
      error instanceof UsageError && error.message.includes(one.host) && error.message.includes(other.host),
  );
  const options = { indexPath, recipients, identities: [KEYS.identity] };
  await assert.rejects(rebuildIndex(tools, { ...options, host: "web9" }), NotFoundError);
  assert.equal(readHostKeys(indexPath), undefined);
  assert.equal((await rebuildIndex(tools, { ...options, host: one.host })).host, one.host);
  assert.equal((await one.backUp()).bytesNew, 0);
});

Deno.test("sealed keys that another host has put into a directory are not taken", async () => {
  await using one = await Machine.make();
  await using other = await Machine.make({ hostname: "web2" }, one.root);
  for (const machine of [one, other]) {
    machine.write("file", machine.host);
    await machine.backUp();
  }
  const [keys] = await one.objects("keys/");
  const [strange] = atLeast(1, await other.objects("keys/"));
  await one.root.put(hostPrefix(one.host) + strange, await other.store.get(strange));
  await one.store.remove(keys!);
  await assert.rejects(rebuild(one, undefined, loseDirectory(one)), NotFoundError);
  assert.match(one.texts("warning").join(), /is not used: it is of another host/);
});

for (
  const [what, damage] of [
    ["lost", (machine: Machine, list: string) => machine.store.remove(list)],
    [
      "damaged",
      (machine: Machine, list: string) => machine.tamper(list, (bytes) => bytes.with(9, 0) as Uint8Array),
    ],
  ] as const
) {
  Deno.test(`an index is rebuilt although a list of the newest snapshot is ${what}`, async () => {
    await using machine = await Machine.make();
    machine.write("file", randomBytes(1, 50_000));
    await nameByList(machine, await machine.backUp());
    await damage(machine, (await machine.objects("lists/"))[0]!);
    removeIndex(machine);
    assert.ok((await rebuild(machine)).lost > 0);
    const next = await machine.backUp();
    assert.deepEqual((await machine.verify(next)).problems, []);
    await assertSameTree((await machine.restore(next)).data, machine.data);
  });
}

/** A store that does not give the sealed keys of hosts. */
class FailingStore extends MemoryStore {
  failure: (() => Error) | undefined;

  override async get(name: string, options?: GetOptions): Promise<Uint8Array> {
    if (this.failure !== undefined && name.includes("/keys/")) throw this.failure();
    return await super.get(name, options);
  }
}

Deno.test("a store that fails, or the user who stops it, ends a rebuild: neither means that there are no keys", async () => {
  const store = new FailingStore();
  await using machine = await Machine.make({}, store);
  machine.write("file");
  await machine.backUp();
  const tools = loseDirectory(machine);
  store.failure = () => new UnavailableError("Cannot read: gone");
  await assert.rejects(rebuild(machine, undefined, tools), UnavailableError);
  const stop = new AbortController();
  store.failure = () => {
    stop.abort(new InterruptedError());
    return stop.signal.reason;
  };
  await assert.rejects(rebuild(machine, undefined, { ...tools, signal: stop.signal }), InterruptedError);
});

Deno.test("a rebuild takes nothing from snapshots that this host did not sign", async () => {
  await using machine = await Machine.make();
  await using other = await Machine.make({ hostname: "web2" }, machine.root);
  machine.write("file", "contents");
  await machine.backUp();
  const chunk = { blob: "ab".repeat(32), blobSize: 100, offset: 0, length: 6, id: "cd".repeat(32) };
  const { id } = await forge(other, [directory("/a"), file("/a/file", [chunk])], [[
    "blobs",
    chunk.blob,
    100,
  ]]);
  for (const name of await other.objects()) {
    if (!name.startsWith("host.json")) await machine.store.put(name, await other.store.get(name));
  }
  await machine.store.put(blobName("blobs", chunk.blob), new Uint8Array(100));
  assert.equal((await rebuild(machine)).snapshots, 1);
  assert.match(machine.texts("warning").join(), new RegExp(`${id}.*it is signed by another host`));
  using index = new Index(machine.options.indexPath);
  assert.ok(!index.blobs.all().some(({ id }) => id === chunk.blob));
});

Deno.test("a rebuild leaves out what the store has lost, and the next backup stores it again", async () => {
  const { machine } = await withHistory();
  await using _ = machine;
  const blobs = await machine.objects("blobs/");
  const pages = await machine.objects("pages/");
  await machine.store.remove(blobs[0]!);
  await machine.tamper(pages[0]!, (bytes) => bytes.subarray(1));
  const summary = await rebuild(machine);
  assert.equal(summary.lost, 2);
  const next = await machine.backUp();
  assert.ok(next.blobsUploaded > 0);
  assert.deepEqual((await machine.verify(next)).problems, []);
});

Deno.test("a rebuild that cannot be done leaves the old index as it was", async () => {
  const { machine } = await withHistory();
  await using _ = machine;
  const { identity } = await generateKeyPair({ postQuantum: false });
  await assert.rejects(rebuild(machine, [identity]), UsageError);
  const { indexPath } = machine.options;
  const options = {
    indexPath: `${machine.directory}/other/index.sqlite`,
    host: "web9",
    recipients: [],
    identities: [],
  };
  await assert.rejects(rebuildIndex(machine.rootTools(), options), NotFoundError);
  const quiet = await machine.backUp();
  assert.deepEqual([quiet.filesRead, quiet.bytesNew], [0, 0]);
  assert.ok(Deno.statSync(indexPath).isFile);
});
