import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { EnvironmentError, NotFoundError } from "../../src/base/errors.ts";
import { Index } from "../../src/index/index.ts";
import { manifestName, parseBlobName } from "../../src/model/names.ts";
import { checkIndex } from "../../src/operations/check_index.ts";
import { pruneIndex } from "../../src/operations/prune_index.ts";
import { removeIndex } from "../../src/operations/remove_index.ts";
import { assertSameTree, Machine } from "./machine.ts";

Deno.test("checkIndex() finds what the store has lost, and a damaged file, and leaves a sound index alone", async () => {
  await using machine = await Machine.make();
  const { indexPath } = machine.options;
  await assert.rejects(checkIndex(machine.tools(), indexPath), NotFoundError);
  machine.writePages(20);
  await machine.backUp();
  const { faults, lost, blobs } = await checkIndex(machine.tools(), indexPath);
  assert.deepEqual([faults, lost, blobs], [
    [],
    [],
    (await machine.objects("")).filter((name) => parseBlobName(name) !== undefined).length,
  ]);
  const [blob] = atLeast(1, await machine.objects("blobs/"));
  await machine.store.remove(blob);
  assert.deepEqual((await checkIndex(machine.tools(), indexPath)).lost, [{
    object: blob,
    state: "is missing",
  }]);
  const bytes = Deno.readFileSync(indexPath);
  bytes.fill(0xff, bytes.length >>> 1, (bytes.length >>> 1) + 8192);
  Deno.writeFileSync(indexPath, bytes);
  assert.ok((await checkIndex(machine.tools(), indexPath)).faults.length > 0);
  Deno.writeTextFileSync(
    indexPath,
    "something else entirely, and long enough to be looked at as a database file".repeat(99),
  );
  assert.match((await checkIndex(machine.tools(), indexPath)).faults[0]!, /set aside as .*\.old$/);
});

Deno.test("pruneIndex() drops what no snapshot names, what the store has lost, and snapshots that are not configured", async () => {
  await using machine = await Machine.make();
  const { indexPath } = machine.options;
  const prune = (dryRun: boolean) => pruneIndex(machine.tools(), { indexPath, names: ["home"], dryRun });
  machine.write("old", "old contents");
  const first = await machine.backUp();
  await machine.backUp({ name: "other", roots: [`${machine.data}/old`] });
  const stale = await machine.objects("blobs/");
  Deno.removeSync(`${machine.data}/old`);
  machine.write("new", "new contents");
  const last = await machine.backUp();
  const listed = await machine.objects("snapshots/");
  for (const name of listed) if (!name.includes(last.id)) await machine.store.remove(name);
  const planned = await prune(true);
  assert.ok(planned.unnamed >= stale.length);
  assert.deepEqual([planned.lost, planned.names, planned.dryRun], [0, ["other"], true]);
  assert.deepEqual(await prune(false), {
    ...planned,
    dryRun: false,
    bytesAfter: Deno.statSync(indexPath).size,
  });
  const again = await prune(true);
  assert.deepEqual([again.unnamed, again.lost, again.names, again.kept], [0, 0, [], planned.kept]);
  const quiet = await machine.backUp();
  assert.deepEqual([quiet.filesRead, quiet.bytesNew], [0, 0]);
  machine.write("old", "old contents");
  const back = await machine.backUp();
  assert.deepEqual([back.filesRead, (await machine.verify(back)).problems], [1, []]);
  assert.equal(await machine.store.size(manifestName(first.id)), undefined);
});

Deno.test("removeIndex() removes the index and not the host's key, but not while a run uses it", async () => {
  await using machine = await Machine.make();
  const { indexPath } = machine.options;
  assert.throws(() => removeIndex(indexPath), NotFoundError);
  machine.write("file");
  const first = await machine.backUp();
  {
    using _ = new Index(indexPath);
    assert.throws(() => removeIndex(indexPath), EnvironmentError);
  }
  removeIndex(indexPath);
  const names = [...Deno.readDirSync(indexPath.replace(/[^/]*$/, ""))].map(({ name }) => name);
  assert.deepEqual(names, ["index.sqlite.host.json"]);
  const second = await machine.backUp();
  assert.equal(second.filesRead, 1);
  await assertSameTree((await machine.restore(second)).data, (await machine.restore(first)).data);
});
