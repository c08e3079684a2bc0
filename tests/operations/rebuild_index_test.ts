import assert from "node:assert/strict";
import { NotFoundError, UsageError } from "../../src/base/errors.ts";
import { Index } from "../../src/index/index.ts";
import { blobName } from "../../src/model/names.ts";
import { publicHostKey } from "../../src/operations/backup/host.ts";
import { rebuildIndex, type RebuildSummary } from "../../src/operations/rebuild_index.ts";
import { readManifest } from "../../src/operations/snapshots.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { randomBytes } from "../chunk/random.ts";
import { directory, file, forge } from "./forge.ts";
import { assertSameTree, KEYS, Machine } from "./machine.ts";

const rebuild = (machine: Machine, identities = [KEYS.identity]): Promise<RebuildSummary> => {
  const { indexPath, hostname } = machine.options;
  return rebuildIndex(machine.tools(), { indexPath, hostname, identities });
};

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
  const key = publicHostKey(machine.options.indexPath);
  removeIndex(machine);
  const summary = await rebuild(machine);
  assert.deepEqual([summary.snapshots, summary.lost, summary.newHostKey], [2, 0, false]);
  assert.equal(summary.blobs, before.blobs.length + before.pages.length);
  const next = await machine.backUp();
  assert.ok(next.filesRead > 30);
  assert.equal(next.bytesNew, 0);
  assert.deepEqual(await machine.objects("blobs/"), before.blobs);
  // The page with the directories above changes when others make files there.
  assert.ok((await machine.objects("pages/")).length <= before.pages.length + 1);
  assert.ok(next.pagesNew <= 1);
  const [old, now] = await Promise.all([last, next].map(({ id }) => readManifest(machine.tools(), id)));
  assert.deepEqual([now.blobs, now.hostId, now.hostKey], [old.blobs, old.hostId, key]);
  assert.deepEqual((await machine.verify(next)).problems, []);
  await assertSameTree((await machine.restore(next)).data, machine.data);
  const quiet = await machine.backUp();
  assert.deepEqual([quiet.filesRead, quiet.bytesNew], [0, 0]);
});

Deno.test("a rebuild without the host's key keeps the host's id, makes a new key and says so", async () => {
  const { machine, last } = await withHistory();
  await using _ = machine;
  const key = publicHostKey(machine.options.indexPath);
  Deno.removeSync(machine.options.indexPath.replace(/[^/]*$/, ""), { recursive: true });
  assert.ok((await rebuild(machine)).newHostKey);
  const next = await machine.backUp();
  assert.equal(next.bytesNew, 0);
  const [old, now] = await Promise.all([last, next].map(({ id }) => readManifest(machine.tools(), id)));
  assert.equal(now.hostId, old.hostId);
  assert.notEqual(now.hostKey, key);
});

Deno.test("a rebuild takes nothing from snapshots that this host did not sign", async () => {
  await using machine = await Machine.make();
  machine.write("file", "contents");
  await machine.backUp();
  const chunk = { blob: "ab".repeat(32), offset: 0, length: 6, id: "cd".repeat(32) };
  await forge(machine, [directory("/a"), file("/a/file", [chunk])], [[chunk.blob, 100]]);
  await machine.store.put(blobName("blobs", chunk.blob), new Uint8Array(100));
  assert.equal((await rebuild(machine)).snapshots, 1);
  using index = new Index(machine.options.indexPath);
  assert.ok(!index.blobs.all().some(({ id }) => id === chunk.blob));
});

Deno.test("a rebuild leaves out what the store has lost, and the next backup stores it again", async () => {
  const { machine } = await withHistory();
  await using _ = machine;
  const blobs = await machine.objects("blobs/");
  const pages = await machine.objects("pages/");
  await machine.store.remove(blobs[0]);
  await machine.tamper(pages[0], (bytes) => bytes.subarray(1));
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
  const options = { indexPath: `${machine.directory}/other/index.sqlite`, hostname: "web9", identities: [] };
  await assert.rejects(rebuildIndex(machine.tools(), options), NotFoundError);
  const quiet = await machine.backUp();
  assert.deepEqual([quiet.filesRead, quiet.bytesNew], [0, 0]);
  assert.ok(Deno.statSync(indexPath).isFile);
});
