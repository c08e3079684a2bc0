import assert from "node:assert/strict";
import { sha256Hex } from "../../../src/base/digest.ts";
import { decompressFrame } from "../../../src/blob/zstd.ts";
import { Index } from "../../../src/index/index.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { decodePage } from "../../../src/model/page.ts";
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
      using backup = new LocalBackup(`${directory}/index.sqlite`, { isUnreadable: isLost });
      const { totals, unreadable } = await backup.scan({ roots: [`${directory}/data`] });
      assert.deepEqual([totals.files, unreadable.length], [3 - lost, lost]);
      assert.equal(totals.bytes, lost === 3 ? 0 : "data/0".length);
    }));
}

/** Entries of all pages in the index at `path`. */
function entriesIn(path: string): Entry[] {
  using index = new Index(path);
  return [...index.pages.texts()].flatMap(({ length, frame }) =>
    decodePage(new TextDecoder().decode(decompressFrame(frame, length)))
  );
}

const CHANGES: [what: string, change: (path: string) => void, isLink: boolean][] = [
  ["is written", (path) => Deno.writeTextFileSync(path, "other contents"), true],
  ["gives way to another file", (path) => {
    Deno.writeTextFileSync(`${path}.new`, "other contents");
    Deno.renameSync(`${path}.new`, path);
  }, false],
];

for (const [what, change, isLink] of CHANGES) {
  const how = isLink ? "is a link still" : "has the contents that it has";
  Deno.test(`the second name of a file of which the first ${what} before it is read ${how}`, () =>
    inDirectory(async (directory) => {
      make(directory, "data/a");
      const [first, second] = [`${directory}/data/a`, `${directory}/data/b`];
      Deno.linkSync(first, second);
      {
        using backup = new LocalBackup(`${directory}/index`, { beforeRead: () => change(first) });
        await backup.scan({ roots: [`${directory}/data`] });
      }
      const entry = entriesIn(`${directory}/index`).find(({ path }) => path === second);
      const own = sha256Hex(new TextEncoder().encode("data/a"));
      assert.equal(entry?.hardlink, isLink ? first : undefined);
      assert.deepEqual(entry?.chunks?.map(({ id }) => id), isLink ? undefined : [own]);
    }));
}
