import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Output } from "../../src/cli/output.ts";
import { createSnapshots } from "../../src/cli/create_snapshots.ts";
import { backUp } from "../../src/operations/backup/backup.ts";
import { acceptSnapshot } from "../../src/operations/remove.ts";
import { listSnapshots } from "../../src/read/snapshots.ts";
import { executePurge, planPurge } from "../../src/operations/purge.ts";
import { testIo } from "../cli/in_process.ts";
import { Machine } from "./machine.ts";

const DAY_MS = 24 * 3600 * 1000;
const GUARD = { files: 0.5, bytes: 0.5 };
const FILES = 30;

async function filled(guard: typeof GUARD | undefined = GUARD): Promise<Machine> {
  const machine = await Machine.make({ guard });
  for (let i = 0; i < FILES; i++) machine.write(`dir/${i}`);
  return machine;
}

function emptied({ data }: Machine): void {
  Deno.removeSync(`${data}/dir`, { recursive: true });
}

async function marks(machine: Machine): Promise<boolean[]> {
  return (await listSnapshots(machine.tools())).map(({ suspicious }) => suspicious);
}

Deno.test("a source that was unmounted does not push out full snapshots in 30 days of keep_last: 3", async () => {
  await using machine = await filled();
  let today = Date.parse("2025-03-01T04:00:00Z");
  const now = () => new Date(today);
  const full = await machine.backUp({}, { now });
  emptied(machine);
  for (let day = 0; day < 30; day++) {
    today += DAY_MS;
    const { io, printed } = testIo();
    using output = new Output(io, { cron: true });
    const tools = machine.rootTools({ now, report: output.report });
    const call = { io, output, options: {} };
    assert.equal(await createSnapshots([machine.options], (options) => backUp(tools, options), call), 3);
    assert.match(printed.stderr, /^SUSPICIOUS: .*" is empty, it had 30 files; .*snapshot accept \S+\n$/);
    assert.equal(printed.stdout, "");
    const host = machine.tools({ now });
    await executePurge(host, await planPurge(host, { policyOf: () => ({ keepLast: 3 }), dryRun: true }));
  }
  const left = await listSnapshots(machine.tools());
  assert.deepEqual(left.map(({ id, suspicious }) => [id === full.id, suspicious]), [
    [true, false],
    [false, true],
    [false, true],
    [false, true],
  ]);
  assert.equal((await machine.restore(full)).files, FILES);
});

Deno.test("what comes back is no longer suspicious, and is compared with what was good", async () => {
  await using machine = await filled();
  await machine.backUp();
  Deno.renameSync(`${machine.data}/dir`, `${machine.directory}/away`);
  assert.equal((await machine.backUp()).suspicious.length, 1);
  Deno.renameSync(`${machine.directory}/away`, `${machine.data}/dir`);
  assert.deepEqual((await machine.backUp()).suspicious, []);
  emptied(machine);
  assert.equal((await machine.backUp()).suspicious.length, 1);
  assert.deepEqual(await marks(machine), [false, true, false, true]);
});

Deno.test("an accepted snapshot counts as good, and the next is compared with it", async () => {
  await using machine = await filled();
  await machine.backUp();
  emptied(machine);
  const { id } = await machine.backUp();
  await acceptSnapshot(machine.tools(), id);
  assert.deepEqual(await marks(machine), [false, false]);
  assert.deepEqual((await machine.backUp()).suspicious, []);
});

Deno.test("without a guard nothing is suspicious, and an empty path is warned of", async () => {
  await using machine = await Machine.make();
  machine.write("dir/a");
  await machine.backUp();
  Deno.removeSync(`${machine.data}/dir`, { recursive: true });
  assert.deepEqual((await machine.backUp()).suspicious, []);
  assert.match(machine.texts("warning").join(), /is empty: is what belongs there mounted\?/);
});

Deno.test("each path is guarded for itself, also where pages hold several, and in a run over changes", async () => {
  await using machine = await Machine.make();
  machine.writePages(3);
  for (const name of ["a", "b", "c"]) for (let i = 0; i < 25; i++) machine.write(`${name}/${i}`);
  const roots = ["a", "b", "c", "many"].map((name) => `${machine.data}/${name}`);
  const guarded = { roots, guard: GUARD };
  assert.deepEqual((await machine.backUp(guarded)).suspicious, []);
  for (let i = 0; i < 13; i++) Deno.removeSync(`${machine.data}/b/${i}`);
  const directories = [`${machine.data}/b`];
  const changes = { directories, subtrees: [] };
  const { scanned, suspicious, fileChanges } = await machine.backUp({ ...guarded, changes });
  assert.equal(scanned, "changes");
  assert.deepEqual(suspicious, [{
    path: `${machine.data}/b`,
    reason: "lost 52% of its files, 25 before and 12 now",
  }]);
  assert.deepEqual(fileChanges, { before: 75 + 33, new: 0, changed: 0, gone: 13 });
});

Deno.test("files that all turn into what does not compress are suspicious", async () => {
  await using machine = await Machine.make({ guard: GUARD });
  for (let i = 0; i < 40; i++) machine.write(`${i}`, `line ${i}\n`.repeat(10_000));
  await machine.backUp();
  for (let i = 0; i < 40; i++) machine.write(`${i}`, randomBytes(100_000));
  const { suspicious, fileChanges } = await machine.backUp();
  assert.deepEqual(fileChanges, { before: 40, new: 0, changed: 40, gone: 0 });
  assert.match(suspicious[0]!.reason, /^had 40 of 40 files rewritten with contents that do not compress/);
});

Deno.test("a run tells files that are new, changed and gone, and counts what is excluded", async () => {
  await using machine = await Machine.make({ exclude: ["*.tmp"], excludeCaches: true });
  for (const name of ["a", "b", "c", "x.tmp", "d/y.tmp"]) machine.write(name);
  machine.write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n");
  machine.write("cache/rubbish");
  const first = await machine.backUp();
  assert.equal(first.fileChanges, undefined);
  assert.equal(first.excluded, 3);
  machine.write("b", "other");
  machine.write("e");
  machine.write("f");
  Deno.removeSync(`${machine.data}/c`);
  assert.deepEqual((await machine.backUp()).fileChanges, { before: 4, new: 2, changed: 1, gone: 1 });
});
