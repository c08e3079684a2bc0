import assert from "node:assert/strict";
import { AT_FDCWD, cString } from "../../../src/platform/libc.ts";
import { Stat } from "../../../src/platform/stat.ts";
import { LinkedFiles } from "../../../src/operations/backup/linked_files.ts";
import { inDirectory, make } from "../../scan/walked.ts";
import { LocalBackup } from "./local_backup.ts";

const MASK = 0;
const BIRTH = 80;
const MTIME = 112;

/** A stat record of a file of two names; `change` may alter its bytes. */
async function linkedStat(change: (view: DataView) => void): Promise<Stat> {
  const stat = new Stat();
  await inDirectory((directory) => {
    make(directory, "x");
    Deno.linkSync(`${directory}/x`, `${directory}/y`);
    assert.ok(stat.at(AT_FDCWD, cString(`${directory}/x`)));
  });
  const view = new DataView(stat.bytes.buffer);
  view.setBigUint64(32, 77n, true);
  view.setBigUint64(136, 1n, true);
  view.setUint32(MASK, 0xfff, true);
  for (const at of [BIRTH, BIRTH + 8, MTIME, MTIME + 8]) view.setUint32(at, 1, true);
  change(view);
  return stat;
}

const withoutBirth = (view: DataView) => view.setUint32(MASK, 0x7ff, true);

const OTHERS: [what: string, change: (view: DataView) => void, isSame: boolean][] = [
  ["the same file", () => {}, true],
  ["the same file that was written meanwhile", (view) => view.setUint32(MTIME, 2, true), true],
  ["another file that has its inode now", (view) => view.setUint32(BIRTH + 8, 2, true), false],
  ["a file on another file system", (view) => view.setUint32(140, 2, true), false],
];

for (const [what, change, isSame] of OTHERS) {
  Deno.test(`LinkedFiles takes ${what} for ${isSame ? "the same" : "another"} file`, async () => {
    const files = new LinkedFiles();
    files.note(await linkedStat(() => {}), "/a");
    const other = files.note(await linkedStat(change), "/b");
    assert.equal(other?.path, isSame ? "/a" : "/b");
  });
}

Deno.test("LinkedFiles tells files apart by their times where their file system keeps no time of birth", async () => {
  const files = new LinkedFiles();
  files.note(await linkedStat(withoutBirth), "/a");
  assert.equal(files.note(await linkedStat(withoutBirth), "/b")?.path, "/a");
  const other = await linkedStat((view) => {
    withoutBirth(view);
    view.setUint32(MTIME, 2, true);
  });
  assert.equal(files.note(other, "/c")?.path, "/c");
});

for (const lost of [1, 2, 3]) {
  Deno.test(`of a file of three names, of which the first ${lost} cannot be read, the others are backed up`, () =>
    inDirectory(async (directory) => {
      make(directory, "data/0");
      for (const name of ["1", "2"]) Deno.linkSync(`${directory}/data/0`, `${directory}/data/${name}`);
      const isLost = (path: string) => path.startsWith(`${directory}/data/`) && Number(path.at(-1)) < lost;
      using backup = new LocalBackup(`${directory}/index.sqlite`, isLost);
      const { totals, unreadable } = await backup.scan({ roots: [`${directory}/data`] });
      assert.deepEqual([totals.files, unreadable.length], [3 - lost, lost]);
      assert.equal(totals.bytes, lost === 3 ? 0 : "data/0".length);
    }));
}
