import assert from "node:assert/strict";
import type { Entry } from "../../src/model/entry.ts";
import { AT_FDCWD, cString, isPortable } from "../../src/platform/libc.ts";
import { isRoot } from "../../src/platform/owners.ts";
import { SystemError } from "../../src/platform/read.ts";
import { ParentDirectory } from "../../src/platform/no_links.ts";
import { Stat } from "../../src/platform/stat.ts";
import * as disk from "../../src/platform/write.ts";
import { describe, describeFile, kindOf, xattrsOf } from "../../src/scan/describe.ts";
import { inDirectory, make } from "./walked.ts";

function statOf(path: string): Stat {
  const stat = new Stat();
  assert.ok(stat.at(AT_FDCWD, cString(path)), path);
  return stat;
}

function describeAt(path: string): Entry {
  const stat = statOf(path);
  const kind = kindOf(stat)!;
  using parent = new ParentDirectory();
  return kind === "file"
    ? describeFile(path, stat, xattrsOf(path, parent, () => {}))
    : describe(path, kind, stat, { at: path, parent, onLost: () => {} });
}

const [uid, gid] = [Deno.uid()!, Deno.gid()!];

Deno.test("describe() gives mode, owner and time to the nanosecond of a directory and of a file", () =>
  inDirectory((directory) => {
    make(directory, "d/", "file");
    const times = isPortable
      ? ["1700000000123000000", "0", "4102444800000000000"]
      : ["1700000000123456789", "-1", "-999999999000000001", "0", "1", "4102444800000000000"];
    for (const name of ["d", "file"]) {
      const path = `${directory}/${name}`;
      disk.setMode(path, 0o1751);
      for (const mtime of times) {
        disk.setTime(path, mtime);
        const { user, group, xattrs, size, ...entry } = describeAt(path);
        const kind = name === "d" ? "directory" : "file";
        assert.deepEqual(entry, { path, kind, mode: 0o1751, uid, gid, mtime });
        assert.equal(size, name === "d" ? undefined : 4);
        assert.deepEqual([typeof user, typeof group, xattrs], ["string", "string", undefined]);
      }
    }
  }));

Deno.test("describe() gives where a symbolic link points, in any bytes", () =>
  inDirectory((directory) => {
    for (
      const target of ["nothing/here", isPortable ? "../\xc3\xbc" : "../\xff\xfe", "/", "x/".repeat(1500)]
    ) {
      disk.makeSymlink(`${directory}/link`, target);
      const entry = describeAt(`${directory}/link`);
      assert.deepEqual([entry.kind, entry.target, entry.mode], ["symlink", target, 0o777]);
      disk.removeFile(`${directory}/link`);
    }
  }));

Deno.test("describe() gives a FIFO", () =>
  inDirectory((directory) => {
    disk.makeNode(`${directory}/fifo`, "fifo", [0, 0]);
    const { kind, device, size } = describeAt(`${directory}/fifo`);
    assert.deepEqual([kind, device, size], ["fifo", undefined, undefined]);
  }));

Deno.test({
  name: "describe() gives the numbers of a device" + (isRoot() ? "" : " (skipped: not root)"),
  ignore: !isRoot(),
  fn: () =>
    inDirectory((directory) => {
      const path = `${directory}/device`;
      const devices = [["char_device", [1, 3]], ["block_device", [7, 300]], ["char_device", [
        511,
        70_000,
      ]]] as const;
      for (const [kind, numbers] of devices) {
        try {
          disk.makeNode(path, kind, numbers);
        } catch {
          return; // A container without the right to make devices.
        }
        const entry = describeAt(path);
        assert.deepEqual([entry.kind, entry.device], [kind, numbers]);
        disk.removeFile(path);
      }
    }),
});

Deno.test("describe() gives extended attributes with names and values of any bytes, sorted by name", () =>
  inDirectory((directory) => {
    make(directory, "file", "d/");
    for (const name of ["file", "d"]) {
      const path = `${directory}/${name}`;
      const xattrs: [string, string][] = [
        ["user.a", btoa("\x00\xff")],
        ["user.b", ""],
        ["user.name-\xff", btoa("x")],
      ];
      try {
        for (const [name, value] of xattrs.toReversed()) disk.setXattr(path, name, value);
      } catch (error) {
        if (error instanceof SystemError) return; // A file system without them.
        throw error;
      }
      assert.deepEqual(describeAt(path).xattrs, xattrs);
    }
  }));

Deno.test("kindOf() takes everything but sockets", () =>
  inDirectory((directory) => {
    using listener = Deno.listen({ transport: "unix", path: `${directory}/socket` });
    assert.ok(listener.addr);
    assert.equal(kindOf(statOf(`${directory}/socket`)), undefined);
    assert.equal(kindOf(statOf(directory)), "directory");
    assert.equal(kindOf(statOf("/dev/null")), "char_device");
  }));

Deno.test("describe() throws where the entry is gone", () =>
  inDirectory((directory) => {
    Deno.symlinkSync("x", `${directory}/link`);
    const stat = statOf(`${directory}/link`);
    Deno.removeSync(`${directory}/link`);
    assert.throws(
      () => {
        const [at, parent] = [`${directory}/link`, new ParentDirectory()];
        describe(at, "symlink", stat, { at, parent, onLost: () => {} });
      },
      SystemError,
    );
  }));
