import assert from "node:assert/strict";
import { planDeletions } from "../../../src/operations/restore/deletions.ts";
import { makeDirectoryIn, openRoot, openSubdirectory } from "../../../src/platform/beneath.ts";
import { closeFile } from "../../../src/platform/read.ts";
import { KEYS, Machine } from "../machine.ts";

// Backs up a tree deeper than this process may have descriptors, restores it, and removes from the target what is not in it, which is far deeper.

/** Makes so many directories in each other. */
function makeDeep(directory: string, name: string, levels: number): void {
  let fd = openRoot(directory, false);
  for (let i = 0; i < levels; i++) {
    makeDirectoryIn(fd, name, 0o700);
    const inner = openSubdirectory(fd, name);
    closeFile(fd);
    fd = inner;
  }
  closeFile(fd);
}

const machine = await Machine.make();
makeDeep(machine.data, "d", 500);
const backup = await machine.backUp();
assert.deepEqual(backup.unreadable, []);
const { target, data, damaged, failed } = await machine.restore(backup);
assert.deepEqual([damaged, failed], [[], []]);
makeDeep(data, "extra", 3_000);
const options = {
  snapshotId: backup.id,
  target,
  paths: [machine.data],
  identities: [KEYS.identity],
  writers: 1,
};
const deletions = await planDeletions([{ tools: machine.tools(), options }]);
assert.deepEqual(deletions, [`${machine.data}/extra`]);
const again = await machine.restore(backup, { target, overwrite: "if-changed", deletions });
assert.deepEqual([again.deleted, again.damaged, again.failed], [1, [], []]);
assert.deepEqual([...Deno.readDirSync(data)].map(({ name }) => name), ["d"]);
