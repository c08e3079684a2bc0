import assert from "node:assert/strict";
import type { Entry } from "../../../src/model/entry.ts";
import { FileSink } from "../../../src/operations/restore/file_sink.ts";
import { Owners } from "../../../src/operations/restore/owners.ts";
import { openRoot } from "../../../src/platform/beneath.ts";
import { closeFile, SystemError } from "../../../src/platform/read.ts";

/** More than most file systems take. */
const SIZE = Number.MAX_SAFE_INTEGER;

const WAYS: [what: string, make: (sink: FileSink, entry: Entry) => void][] = [
  ["with chunks", (sink, entry) => sink.allocate(entry)],
  ["without chunks", (sink, entry) => sink.makeEmpty(entry)],
];

for (const [what, make] of WAYS) {
  Deno.test(`a file ${what} that is too large for the file system is not left there in part`, async () => {
    const target = await Deno.makeTempDir();
    const fd = openRoot(target, false);
    const sink = new FileSink({
      ...{ target: fd, targetPath: target, owners: new Owners(), placement: undefined },
      ...{ makesDevices: true, makesDirectories: true, onNotSet: () => {} },
    });
    const [uid, gid] = [Deno.uid()!, Deno.gid()!];
    const entry: Entry = { path: "/large", kind: "file", mode: 0o644, uid, gid, mtime: "0", size: SIZE };
    try {
      make(sink, entry);
    } catch (error) {
      assert.ok(error instanceof SystemError);
      assert.deepEqual([...Deno.readDirSync(target)], []);
    } finally {
      sink.close();
      closeFile(fd);
      await Deno.remove(target, { recursive: true });
    }
  });
}
