import assert from "node:assert/strict";
import { pathOf } from "../../../src/model/path.ts";
import { Tally } from "../../../src/operations/restore/tally.ts";
import { assertSameTree, Machine } from "../machine.ts";

// What an interruption, or a loss of power, leaves in the target of a restore does not bar the way of the next one, nor is it believed.

const MARKER = ".vaultik-restore";

async function withSnapshot(): Promise<{ machine: Machine; snapshot: { id: string }; target: string }> {
  const machine = await Machine.make();
  machine.write("d/file", "contents");
  machine.write("other");
  const target = `${machine.directory}/target`;
  Deno.mkdirSync(target);
  return { machine, snapshot: await machine.backUp(), target };
}

Deno.test("a restore that was interrupted before it had noted that it began goes on as if it was the first", async () => {
  for (const text of ["", '{"snapshot":"2025', '{"snapshot":"of another restore"}\nboot\n']) {
    const { machine, snapshot, target } = await withSnapshot();
    await using _ = machine;
    Deno.writeTextFileSync(`${target}/${MARKER}`, text);
    await machine.restore(snapshot, { target });
    await assertSameTree(target + machine.data, machine.data);
    assert.ok(![...Deno.readDirSync(target)].some(({ name }) => name === MARKER), text);
  }
});

/** Leaves the target as a restore of `snapshot` would that had not ended when the machine stopped, in the boot `boot`. */
async function interrupt(
  { machine, snapshot, target }: Awaited<ReturnType<typeof withSnapshot>>,
  boot: string,
): Promise<void> {
  await machine.restore(snapshot, { target });
  const file = `${target}${machine.data}/d/file`;
  const { mtime } = Deno.statSync(file);
  Deno.writeTextFileSync(file, "\0".repeat(8));
  Deno.utimeSync(file, mtime!, mtime!);
  const marker = JSON.stringify({ snapshot: snapshot.id, paths: [] });
  Deno.writeTextFileSync(`${target}/${MARKER}`, `${marker}\n${boot}\n`);
}

Deno.test("after a restart a restore that goes on believes contents only: times may be right, and the file empty", async () => {
  const made = await withSnapshot();
  await using machine = made.machine;
  // The file system keeps more of a time than Deno can set.
  const second = new Date("2025-01-02T03:04:05Z");
  Deno.utimeSync(`${machine.data}/d/file`, second, second);
  const snapshot = await machine.backUp();
  await interrupt({ ...made, snapshot }, "an earlier boot");
  await machine.restore(snapshot, { target: made.target });
  await assertSameTree(made.target + machine.data, machine.data);
});

Deno.test("a directory that was right keeps its time when what is in it is made right", async () => {
  const machine = await Machine.make();
  await using _ = machine;
  machine.write("d/file", "contents");
  // The file system keeps more of a time than Deno can set.
  const second = new Date("2025-01-02T03:04:05Z");
  Deno.utimeSync(`${machine.data}/d`, second, second);
  const snapshot = await machine.backUp();
  const target = `${machine.directory}/target`;
  await machine.restore(snapshot, { target });
  Deno.removeSync(`${target}${machine.data}/d/file`);
  Deno.utimeSync(`${target}${machine.data}/d`, second, second);
  await machine.restore(snapshot, { target, overwrite: "if-changed" });
  await assertSameTree(target + machine.data, machine.data);
});

Deno.test("where the first name of a file could not be written here, its second name is not called damaged", async () => {
  await using machine = await Machine.make();
  const tally = new Tally(machine.tools(), () => 0);
  const [first, second] = ["/a", "/b"].map(pathOf);
  const reason = "it was not restored";
  tally.lose([{ path: first!, reason: "permission denied", isDamage: false }]);
  tally.lose([{ path: second!, reason, isDamage: true, first }]);
  assert.deepEqual([tally.damaged, tally.failed.map(({ path }) => path)], [[], ["/a", "/b"]]);
  tally.lose([{ path: second!, reason, isDamage: true, first: pathOf("/other") }]);
  assert.deepEqual(tally.damaged, [{ path: "/b", reason }]);
});
