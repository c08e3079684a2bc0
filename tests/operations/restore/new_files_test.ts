import assert from "node:assert/strict";
import { join } from "node:path";
import { FileRow, FileRowsMaker } from "../../../src/operations/restore/file_rows.ts";
import { FileSink } from "../../../src/operations/restore/file_sink.ts";
import { Owners } from "../../../src/operations/restore/owners.ts";
import { openRoot } from "../../../src/platform/beneath.ts";
import { closeFile } from "../../../src/platform/read.ts";

const MTIME = "1234567890123456789";
const OTHER_ID = 4711;
const isRoot = Deno.uid() === 0;

interface Made {
  readonly mode: number;
  readonly uid?: number;
}

/** Writes a file for each, with as few calls as the sink can, below `target`; their modes, owners and times. */
function writeFiles(target: string, files: readonly Made[]) {
  const fd = openRoot(target, false);
  const notSet: string[] = [];
  const sink = new FileSink({
    ...{ target: fd, targetPath: target, owners: new Owners(), isAllNew: true, placement: undefined },
    ...{ makesDevices: true, makesDirectories: true, onNotSet: (what: string) => void notSet.push(what) },
  });
  const rows = new FileRowsMaker();
  for (const [i, { mode, uid = Deno.uid()! }] of files.entries()) {
    const entry = { path: `/d/${i}`, kind: "file" as const, mode, uid, gid: Deno.gid()!, mtime: MTIME };
    rows.add(entry, { blob: "", blobSize: 1, offset: 0, length: 1, id: "00".repeat(32) });
  }
  for (const row of FileRow.all(rows.rows("", 1)!)) sink.writeWhole(row, new Uint8Array(1));
  sink.directories.close();
  closeFile(fd);
  assert.deepEqual(notSet, []);
  return files.map((_, i) => {
    const { mode, uid, mtime } = Deno.statSync(join(target, "d", String(i)));
    return { mode: mode! & 0o7777, uid, seconds: Math.floor(mtime!.getTime() / 1000) };
  });
}

function expected(files: readonly Made[]) {
  return files.map(({ mode, uid = Deno.uid()! }) => ({ mode, uid, seconds: 1234567890 }));
}

const MODES = [
  0o644,
  0o644,
  0o644,
  0o666,
  0o666,
  0o666,
  0o600,
  0o444,
  0o444,
  0o444,
  0o4755,
  0o4755,
  0o1644,
  0o644,
];

for (const mask of [0o022, 0o077, 0o000]) {
  Deno.test(`new files get the modes of their entries, many of one mode among them, where the umask is ${mask}`, () => {
    const directory = Deno.makeTempDirSync({ prefix: "vaultik-new-" });
    const before = Deno.umask(mask);
    try {
      const files = [...MODES, ...MODES].map((mode) => ({ mode }));
      assert.deepEqual(writeFiles(directory, files), expected(files));
    } finally {
      Deno.umask(before);
      Deno.removeSync(directory, { recursive: true });
    }
  });
}

Deno.test("new files get the owners of their entries, one like the other before it or not", {
  ignore: !isRoot,
}, () => {
  const directory = Deno.makeTempDirSync({ prefix: "vaultik-new-" });
  try {
    const uids = [0, 0, 0, OTHER_ID, 0, OTHER_ID, OTHER_ID, 0];
    const files = uids.flatMap((uid) => MODES.map((mode) => ({ mode, uid })));
    assert.deepEqual(writeFiles(directory, files), expected(files));
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
