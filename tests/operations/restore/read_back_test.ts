import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { readBack } from "../../../src/operations/restore/read_back.ts";
import { randomBytes } from "../../chunk/random.ts";
import { KEYS, Machine } from "../machine.ts";

const HOLE_AT = 5000;
const HOLE_END = 1 << 20;

/** A file with several names, one whose chunks are in lists, and two with holes, one of each kind; restored. */
async function restored() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10 });
  machine.write("linked", "contents");
  Deno.linkSync(`${machine.data}/linked`, `${machine.data}/other-name`);
  machine.write("listed", randomBytes(1, 1_700_000));
  for (const [name, bytes] of [["sparse", 5], ["sparse-listed", 1_700_000]] as const) {
    using file = Deno.createSync(`${machine.data}/${name}`);
    file.writeSync(randomBytes(2, HOLE_AT));
    file.seekSync(HOLE_END, Deno.SeekMode.Start);
    file.writeSync(randomBytes(3, bytes));
  }
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  const options = { snapshotId: backup.id, target, paths: [], identities: [KEYS.identity], writers: 1 };
  return { machine, data, back: () => readBack(machine.tools(), options) };
}

function write(path: string, at: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

Deno.test("what is read back is right where files have several names", async () => {
  const { machine, back } = await restored();
  await using _ = machine;
  assert.deepEqual(await back(), { differing: [], unread: [] });
});

Deno.test("what is read back is right where the file system has kept no holes, or others", async () => {
  const { machine, data, back } = await restored();
  await using _ = machine;
  for (const name of ["sparse", "sparse-listed"]) write(`${data}/${name}`, 8192, new Uint8Array(100_000));
  assert.deepEqual(await back(), { differing: [], unread: [] });
});

const CHANGES: [what: string, name: string, at: number][] = [
  ["in a file with several names", "linked", 2],
  ["in a hole", "sparse", 70_000],
  ["in a hole of a large file", "sparse-listed", HOLE_END - 1],
  ["behind the end of a large file", "listed", 1_700_000],
];

for (const [what, name, at] of CHANGES) {
  Deno.test(`reading back finds a byte ${what}`, async () => {
    const { machine, data, back } = await restored();
    await using _ = machine;
    write(`${data}/${name}`, at, new Uint8Array([1]));
    const { differing, unread } = await back();
    assert.deepEqual([differing.map(({ path }) => path), unread], [[`${machine.data}/${name}`], []]);
  });
}
