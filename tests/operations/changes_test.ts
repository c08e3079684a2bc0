import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { BackupThreads } from "../../src/operations/backup/backup_threads.ts";
import { readManifest, readSnapshot } from "../../src/read/snapshots.ts";
import { splitHostName } from "../../src/model/names.ts";
import { pathOf } from "../../src/model/path.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { openFileStore } from "../../src/store/file.ts";
import { backupCommand } from "../fixtures/run_backup.ts";
import { hasStrace, traceCalls } from "../fixtures/system_calls.ts";
import { assertSameTree, KEYS, Machine } from "./machine.ts";

/** Directories of the machine's data of which something has changed. */
const dirty = (machine: Machine, ...names: string[]) => ({
  changes: { directories: names.map((name) => pathOf(`${machine.data}/${name}`)), subtrees: [] },
});

async function pagesOf(machine: Machine, { id }: { id: string }): Promise<string[]> {
  const tools = machine.tools();
  const snapshot = await readSnapshot(
    tools,
    await readManifest(tools, id),
    new HeaderOpener([KEYS.identity]),
  );
  return snapshot.pages.map((page) => page.id);
}

Deno.test("a backup of what has changed reads that alone, and its snapshot is the tree", async () => {
  await using machine = await Machine.make();
  machine.writePages(4);
  for (const name of ["deep/a/b/file", "other/file", "gone/file"]) machine.write(name);
  const first = await machine.backUp();
  machine.write("deep/a/b/file", "changed");
  machine.write("new/with/more");
  Deno.removeSync(`${machine.data}/gone`, { recursive: true });
  const second = await machine.backUp(dirty(machine, "deep/a/b", "."));
  assert.deepEqual([second.scanned, second.filesRead, second.files], ["changes", 2, first.files]);
  assert.equal((await pagesOf(machine, second)).length, second.pages);
  await assertSameTree((await machine.restore(second)).data, machine.data);
});

Deno.test("what is not reported is not looked at", async () => {
  await using machine = await Machine.make();
  for (const name of ["dirty/file", "clean/file"]) machine.write(name);
  await machine.backUp();
  for (const name of ["dirty/file", "clean/file"]) machine.write(name, "changed");
  assert.equal((await machine.backUp(dirty(machine, "dirty"))).filesRead, 1);
  assert.equal((await machine.backUp()).filesRead, 1);
});

const REASONS: [why: string, prepare: (machine: Machine) => Promise<unknown>, change: object][] = [
  ["nothing was backed up before", () => Promise.resolve(), {}],
  ["it was another snapshot that was backed up", (machine) => machine.backUp({ name: "other" }), {}],
  ["other entries are left out now", (machine) => machine.backUp({ exclude: ["*.tmp"] }), {}],
  ["the roots were others", (machine) => machine.backUp(), { roots: ["/proc/sys/kernel/hostname"] }],
  ["caches were not left out", (machine) => machine.backUp(), { excludeCaches: true }],
];

for (const [why, prepare, change] of REASONS) {
  Deno.test(`everything is scanned where ${why}`, async () => {
    await using machine = await Machine.make();
    machine.write("file");
    await prepare(machine);
    const backup = await machine.backUp({ ...dirty(machine), ...change });
    assert.equal(backup.scanned, "all");
  });
}

Deno.test("everything is scanned where the store has lost a part of the last backup, and it is stored again", async () => {
  const store = new MemoryStore();
  await using machine = await Machine.make({}, store);
  machine.write("file");
  await machine.backUp();
  for (const name of await machine.objects()) await machine.store.remove(name);
  const backup = await machine.backUp(dirty(machine));
  assert.deepEqual([backup.scanned, backup.filesRead], ["all", 1]);
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("pages in which nothing was visited are not even read", async () => {
  await using machine = await Machine.make();
  machine.writePages(6);
  machine.write("zz/file");
  const before = await pagesOf(machine, await machine.backUp());
  using index = new DatabaseSync(machine.options.indexPath);
  const spoilt = index.prepare("UPDATE page SET stamps = x'ff', frame = x'ff' WHERE number IN (3, 4, 5)")
    .run();
  assert.equal(Number(spoilt.changes), 3);
  index.close();
  machine.write("zz/file", "changed");
  const after = await machine.backUp(dirty(machine, "zz"));
  assert.deepEqual([after.scanned, after.filesRead], ["changes", 1]);
  const kept = (await pagesOf(machine, after)).filter((id) => before.includes(id));
  assert.ok(kept.length >= before.length - 2, `${kept.length} of ${before.length} pages are kept`);
});

Deno.test("a root that was not there is backed up once it is, and reported until then", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const roots = [machine.data, `${machine.directory}/later`];
  const run = () => machine.backUp({ roots, ...dirty(machine) });
  const missing = await machine.backUp({ roots });
  assert.deepEqual((await run()).unreadable, missing.unreadable);
  Deno.mkdirSync(`${machine.directory}/later/sub`, { recursive: true });
  Deno.writeTextFileSync(`${machine.directory}/later/sub/file`, "late");
  const there = await run();
  assert.deepEqual([there.scanned, there.unreadable, there.filesRead], ["changes", [], 1]);
  Deno.removeSync(`${machine.directory}/later`, { recursive: true });
  const gone = await run();
  assert.deepEqual([gone.unreadable, gone.files], [missing.unreadable, 1]);
});

Deno.test({
  name: "a directory that may not be read is as in a scan of everything, and read as soon as it may be",
  ignore: Deno.uid() === 0,
  fn: async () => {
    await using machine = await Machine.make();
    for (const name of ["a/secret/deep/file", "b/file"]) machine.write(name);
    await machine.backUp();
    Deno.chmodSync(`${machine.data}/a/secret`, 0);
    const closed = await machine.backUp(dirty(machine, "a", "a/secret"));
    assert.deepEqual([closed.scanned, closed.files, closed.unreadable.length], ["changes", 1, 1]);
    const still = await machine.backUp(dirty(machine, "b"));
    assert.deepEqual(still.unreadable, closed.unreadable);
    Deno.chmodSync(`${machine.data}/a/secret`, 0o700);
    const open = await machine.backUp(dirty(machine, "b"));
    assert.deepEqual([open.scanned, open.files, open.unreadable], ["changes", 2, []]);
  },
});

Deno.test("contents that changed through another name of the file are read, also when the run before was interrupted", async () => {
  const store = new MemoryStore();
  await using machine = await Machine.make({}, store);
  machine.write("a/first", "before");
  machine.writePages(3);
  Deno.mkdirSync(`${machine.data}/z`);
  Deno.linkSync(`${machine.data}/a/first`, `${machine.data}/z/second`);
  await machine.backUp();
  const { mtime } = Deno.lstatSync(`${machine.data}/z/second`);
  machine.write("z/second", "afterw");
  Deno.utimeSync(`${machine.data}/z/second`, mtime!, mtime!);
  const put = store.put.bind(store);
  store.put = (name, ...rest) =>
    splitHostName(name)!.rest.startsWith("snapshots/")
      ? Promise.reject(new Error("the store is full"))
      : put(name, ...rest);
  await assert.rejects(machine.backUp(dirty(machine, "z")), /full/);
  store.put = put;
  const backup = await machine.backUp(dirty(machine, "z"));
  assert.equal(backup.scanned, "changes");
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("threads that are kept serve backup after backup, and new ones where a backup failed", async () => {
  const store = new MemoryStore();
  await using machine = await Machine.make({}, store);
  using threads = new BackupThreads();
  const put = store.put.bind(store);
  let last = "";
  for (let run = 0; run < 4; run++) {
    machine.write("a/file", `contents ${run}`);
    store.put = run === 2 ? () => Promise.reject(new Error("the store is full")) : put;
    const backup = machine.backUp(dirty(machine, "a"), {}, threads);
    if (run === 2) await assert.rejects(backup, /full/);
    else last = (await backup).id;
  }
  await assertSameTree((await machine.restore({ id: last })).data, machine.data);
});

Deno.test({
  name: "system calls: directories that are not reported are not read, and nothing in them is looked at",
  ignore: !hasStrace(),
  fn: async () => {
    await using machine = await Machine.make();
    for (let directory = 0; directory < 40; directory++) {
      for (let file = 0; file < 40; file++) machine.write(`${directory}/sub/${file}`);
    }
    const location = `${machine.directory}/store`;
    await using store = await openFileStore(location, { create: true });
    await machine.backUp({}, { store });
    for (const name of ["7/sub/3", "30/sub/4"]) machine.write(name, "changed");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const changed = dirty(machine, "7/sub", "30/sub");
    const { stdout, calls } = await traceCalls(backupCommand(location, { ...machine.options, ...changed }));
    assert.deepEqual([JSON.parse(stdout).scanned, JSON.parse(stdout).filesRead], ["changes", 2]);
    const within = calls.filter(({ path }) => path.startsWith(machine.data + "/"));
    const read = within.filter(({ name }) => name === "getdents64").map(({ path }) => path);
    assert.deepEqual([...new Set(read)].sort(), changed.changes.directories.toSorted());
    const looked = within.filter(({ name }) => name === "statx").map(({ path }) => path);
    const others = looked.filter((path) => !changed.changes.directories.some((one) => path.startsWith(one)));
    assert.deepEqual(others, []);
    // Each entry of two directories, the directories, and the two files when they are read.
    assert.equal(looked.length, 2 * 40 + 2 + 2);
    const opened = within.filter(({ name }) => name.startsWith("open")).map(({ path }) => path);
    assert.deepEqual(
      opened.sort(),
      [
        ...changed.changes.directories,
        ...["30", "7", "30/sub/4", "7/sub/3"].map((name) => `${machine.data}/${name}`),
      ].sort(),
    );
  },
});
