import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import type { BackupOptions } from "../../src/operations/backup/options.ts";
import { assertSameTree, Machine } from "./machine.ts";

const GUARD = { files: 0.5, bytes: 0.5 };
const FILES = 30;

/** A machine with a tree at `snap-1/tree`, and the options that back up what is at `real` as /data-of-alias. */
async function withTree() {
  const machine = await Machine.make({ guard: GUARD });
  for (let i = 0; i < FILES; i++) machine.write(`snap-1/tree/dir ${i % 3}/file-${i}`);
  Deno.symlinkSync("file-0", `${machine.data}/snap-1/tree/link`);
  const at = (place: string, change: Partial<BackupOptions> = {}): Partial<BackupOptions> => ({
    roots: ["/data-of-alias"],
    aliases: [{ real: `${machine.data}/${place}/tree`, stored: "/data-of-alias" }],
    ...change,
  });
  return { machine, at };
}

Deno.test("what is somewhere else is stored, restored and listed under the path that it is given", async () => {
  const { machine, at } = await withTree();
  await using _machine = machine;
  for (const stored of ["/data-of-alias", "/none/such/data"]) {
    const aliases = [{ real: `${machine.data}/snap-1/tree`, stored }];
    const { target, files } = await machine.restore(await machine.backUp({ roots: [stored], aliases }));
    assert.equal(files, FILES);
    await assertSameTree(`${target}${stored}`, `${machine.data}/snap-1/tree`);
  }
  assert.equal((await machine.backUp(at("snap-1"))).incomplete, false);
});

Deno.test("another mount point costs no reading, also behind a link; what has changed is read from there", async () => {
  const { machine, at } = await withTree();
  await using _machine = machine;
  await machine.backUp(at("snap-1"));
  Deno.renameSync(`${machine.data}/snap-1`, `${machine.data}/snap-2`);
  const second = await machine.backUp(at("snap-2"));
  assert.deepEqual([second.filesRead, second.pagesNew, second.suspicious], [0, 0, []]);
  Deno.symlinkSync("snap-2", `${machine.data}/current`);
  machine.write("snap-2/tree/dir 1/file-1", "changed");
  const third = await machine.backUp(at("current"));
  assert.deepEqual([third.filesRead, third.fileChanges?.changed], [1, 1]);
  const { target } = await machine.restore(third);
  await assertSameTree(`${target}/data-of-alias`, `${machine.data}/snap-2/tree`);
});

Deno.test("a run over changes looks at all of it: nothing can watch what was mounted just now", async () => {
  const { machine, at } = await withTree();
  await using _machine = machine;
  await machine.backUp(at("snap-1"));
  machine.write("snap-1/tree/new");
  const changes = { directories: [], subtrees: [] };
  const { scanned, fileChanges } = await machine.backUp(at("snap-1", { changes }));
  assert.deepEqual([scanned, fileChanges?.new], ["all", 1]);
});

Deno.test("a snapshot that is not mounted is suspicious where it is empty, and unreadable where it is gone", async () => {
  const { machine, at } = await withTree();
  await using _machine = machine;
  await machine.backUp(at("snap-1"));
  Deno.mkdirSync(`${machine.data}/snap-2/tree`, { recursive: true });
  const { suspicious } = await machine.backUp(at("snap-2"));
  assert.deepEqual(suspicious.map(({ path }) => path), ["/data-of-alias"]);
  assert.match(suspicious[0]!.reason, /is empty, it had 30 files/);
  await assert.rejects(machine.backUp(at("snap-3")), /none of its paths can be read \("\/data-of-alias": /);
});

Deno.test("excludes and other paths are those of the snapshot", async () => {
  const { machine, at } = await withTree();
  await using _machine = machine;
  machine.write("plain/file");
  const plain = `${machine.data}/plain`;
  const summary = await machine.backUp(
    at("snap-1", { roots: ["/data-of-alias", plain], exclude: ["/data-of-alias/dir 1"] }),
  );
  assert.equal(summary.files, 2 * FILES / 3 + 1);
});
