import assert from "node:assert/strict";
import { cString } from "../../src/platform/c_string.ts";
import type { SystemCalls, WriteCalls } from "../../src/platform/calls.ts";
import { openLibrary, writeCalls } from "../../src/platform/linux/library.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDWR,
  O_WRONLY,
} from "../../src/platform/numbers.ts";
import { portableCalls, portableErrno } from "../../src/platform/portable/calls.ts";
import { portableWrites } from "../../src/platform/portable/writes.ts";
import { fillTimes } from "../../src/platform/write.ts";
import { inDirectory } from "../cli/in_process.ts";

// Both implementations of the calls are given the same, and must do and say the same: what the portable one cannot do is named here.

/** The calls of one implementation, with a directory that is open. */
interface Side extends SystemCalls, WriteCalls {
  readonly directory: number;
  readonly errno: () => number;
}

const linux = Deno.build.os === "linux" ? openLibrary() : undefined;
const ignore = linux === undefined;

function sideOf(calls: SystemCalls & WriteCalls, errno: () => number, path: string): Side {
  const directory = calls.open(cString(path), O_DIRECTORY | O_PATH, 0);
  assert.ok(directory >= 0, `${errno()}`);
  return { ...calls, directory, errno };
}

function makeTree(path: string): void {
  Deno.mkdirSync(`${path}/sub/deep`, { recursive: true });
  Deno.writeTextFileSync(`${path}/file`, "some text");
  Deno.writeTextFileSync(`${path}/sub/ünïcode`, "");
  Deno.symlinkSync("file", `${path}/link`);
  Deno.symlinkSync("sub", `${path}/way`);
  Deno.linkSync(`${path}/file`, `${path}/sub/again`);
  // Root may read what no one may.
  Deno.mkdirSync(`${path}/closed`);
  Deno.chmodSync(`${path}/closed`, 0);
}

/** What a call gives: 0 or more is the same for all descriptors. */
type Situation = readonly [what: string, call: (side: Side) => number];

const record = new Uint8Array(256);
const bytes = new TextEncoder().encode("written");
const open = (name: string, flags: number) => (side: Side) => {
  const file = side.openat(side.directory, cString(name), flags, 0o600);
  if (file >= 0) side.close(file);
  return Math.min(file, 0);
};

/** With a file or directory that is open. */
function withOpen(name: string, flags: number, use: (side: Side, file: number) => number) {
  return (side: Side) => {
    const file = side.openat(side.directory, cString(name), flags, 0o600);
    if (file < 0) return -2;
    const result = use(side, file);
    const code = side.errno();
    side.close(file);
    return result < 0 ? -code : result;
  };
}

const SITUATIONS: readonly Situation[] = [
  ["a file is opened", open("file", O_NOFOLLOW)],
  ["a link is not opened as a file", open("link", O_NOFOLLOW)],
  ["a link is not opened as a directory", open("way", O_DIRECTORY | O_NOFOLLOW)],
  ["a file is not opened as a directory", open("file", O_DIRECTORY | O_NOFOLLOW)],
  ["a directory is opened", open("sub", O_DIRECTORY | O_NOFOLLOW)],
  ["a directory that no one may read", open("closed", O_DIRECTORY | O_NOFOLLOW)],
  ["one may look at a directory that no one may read", open("closed", O_DIRECTORY | O_PATH | O_NOFOLLOW)],
  ["what is missing", open("missing", O_NOFOLLOW)],
  ["what is below a file", open("file/x", O_NOFOLLOW)],
  ["a link may be looked at", open("link", O_PATH | O_NOFOLLOW)],
  ["a file is made", open("new", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)],
  ["a file that is there is not made", open("file", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)],
  ["a file is not made through a link", open("link", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)],
  ["a name that is too long", open("n".repeat(300), O_NOFOLLOW)],
  [
    "a file is read from a place on",
    withOpen("file", 0, (side, file) => {
      const into = new Uint8Array(20);
      const length = side.pread(file, into, 20n, 5n);
      assert.equal(new TextDecoder().decode(into.subarray(0, length)), "text");
      return length;
    }),
  ],
  [
    "a file is written, cut and synced",
    withOpen(
      "file",
      O_RDWR,
      (side, file) =>
        side.pwrite(file, bytes, BigInt(bytes.length), 3n) + side.ftruncate(file, 8n) + side.fsync(file),
    ),
  ],
  ["a directory is synced", withOpen("sub", O_DIRECTORY, (side, file) => side.fsync(file))],
  ["a mode of an open file", withOpen("file", O_RDWR, (side, file) => side.fchmod(file, 0o4711))],
  ["a mode of an open directory", withOpen("sub", O_DIRECTORY, (side, file) => side.fchmod(file, 0o1770))],
  [
    "a time of an open file",
    withOpen("file", O_RDWR, (side, file) => side.futimens(file, fillTimes("1700000000123000000"))),
  ],
  [
    "a time of a link",
    (side) =>
      side.utimensat(side.directory, cString("link"), fillTimes("1600000000000000000"), AT_SYMLINK_NOFOLLOW),
  ],
  [
    "an owner of a link, which is the same",
    (side) => side.fchownat(side.directory, cString("link"), Deno.uid()!, Deno.gid()!, AT_SYMLINK_NOFOLLOW),
  ],
  ["a directory is made", (side) => side.mkdirat(side.directory, cString("made"), 0o700)],
  ["a directory is not made again", (side) => side.mkdirat(side.directory, cString("sub"), 0o700)],
  ["a link is made", (side) => side.symlinkat(cString("to/nothing"), side.directory, cString("new link"))],
  [
    "a second name is made",
    (side) => side.linkat(side.directory, cString("file"), side.directory, cString("third"), 0),
  ],
  [
    "a second name of a link is one of the link",
    (side) => side.linkat(side.directory, cString("link"), side.directory, cString("link again"), 0),
  ],
  ["a FIFO is made", (side) => side.mknodat(side.directory, cString("fifo"), 0o010600, 0n)],
  ["a file is removed", (side) => side.unlinkat(side.directory, cString("third"), 0)],
  [
    "an empty directory is not removed as a file",
    (side) => side.unlinkat(side.directory, cString("made"), 0),
  ],
  ["an empty directory is removed", (side) => side.unlinkat(side.directory, cString("made"), AT_REMOVEDIR)],
  ["a full directory is not removed", (side) => side.unlinkat(side.directory, cString("sub"), AT_REMOVEDIR)],
  ["what is missing is not removed", (side) => side.unlinkat(side.directory, cString("missing"), 0)],
  ["where a link leads", (side) => {
    const into = new Uint8Array(100);
    const length = side.readlinkat(side.directory, cString("way"), into, 100n);
    assert.equal(new TextDecoder().decode(into.subarray(0, length)), "sub");
    return length;
  }],
  ["a file leads nowhere", (side) => side.readlinkat(side.directory, cString("file"), record, 100n)],
  [
    "nothing is known of what is missing",
    (side) => side.statx(side.directory, cString("missing"), AT_SYMLINK_NOFOLLOW, 0xfff, record),
  ],
];

Deno.test({
  name: "both implementations of the calls do the same, and fail with the same number",
  ignore,
  sanitizeResources: false,
  fn: () =>
    inDirectory((directory) => {
      const seen = [
        [{ ...linux!.calls, ...writeCalls() }, linux!.errno],
        [{ ...portableCalls, ...portableWrites }, portableErrno],
      ].map(([calls, errno], i) => {
        const path = `${directory}/${i}`;
        makeTree(path);
        const side = sideOf(calls as SystemCalls & WriteCalls, errno as () => number, path);
        const results = SITUATIONS.map(([what, call]) => {
          const result = call(side);
          return `${what}: ${result === -1 ? `error ${side.errno()}` : result}`;
        });
        Deno.chmodSync(`${path}/closed`, 0o700);
        return [
          ...results,
          ...looks(side, [...namesOf(side, "."), ...namesOf(side, "sub").map((name) => `sub/${name}`)]),
        ];
      });
      assert.deepEqual(seen[1], seen[0]);
      return Promise.resolve();
    }),
});

/** Names in a directory, sorted. */
function namesOf(side: Side, name: string): string[] {
  const directory = side.openat(side.directory, cString(name), O_DIRECTORY | O_NOFOLLOW, 0);
  const into = new Uint8Array(64 * 1024);
  const names: string[] = [];
  for (
    let length = side.getdents64(directory, into, 65536n);
    length > 0;
    length = side.getdents64(directory, into, 65536n)
  ) {
    for (let at = 0; at < length; at += into[at + 16]! | (into[at + 17]! << 8)) {
      const end = into.indexOf(0, at + 19);
      names.push(new TextDecoder().decode(into.subarray(at + 19, end)));
    }
  }
  side.close(directory);
  return names.filter((found) => found !== "." && found !== "..").sort();
}

/** What a record says: all but inode, access and change times, and of the time of contents the milliseconds. */
function looks(side: Side, names: readonly string[]): string[] {
  return names.map((name) => {
    const bytes = new TextEncoder().encode(`${name}\0`);
    assert.equal(side.statx(side.directory, bytes, AT_SYMLINK_NOFOLLOW, 0xfff, record), 0);
    const view = new DataView(record.buffer);
    const wasSetByUs = ["file", "link", "sub/again"].includes(name);
    const mtime = wasSetByUs
      ? [view.getBigInt64(112, true), Math.floor(view.getUint32(120, true) / 1e6)]
      : [];
    const numbers = [16, 20, 24, 136, 140].map((at) => view.getUint32(at, true));
    const size = (view.getUint16(28, true) & 0o170000) === 0o040000 ? 0n : view.getBigUint64(40, true);
    return [name, view.getUint16(28, true).toString(8), size, ...numbers, ...mtime].join(" ");
  });
}

Deno.test("a directory that was swapped for another one is not taken for it by the portable calls", () =>
  inDirectory((path) => {
    makeTree(path);
    const side = sideOf({ ...portableCalls, ...portableWrites }, portableErrno, path);
    const sub = side.openat(side.directory, cString("sub"), O_DIRECTORY | O_NOFOLLOW, 0);
    Deno.renameSync(`${path}/sub`, `${path}/moved`);
    Deno.symlinkSync("moved/deep", `${path}/sub`);
    for (const name of ["deep", "x"]) assert.equal(side.mkdirat(sub, cString(name), 0o700), -1);
    assert.equal(portableErrno(), 116);
    assert.equal(side.statx(sub, cString(""), AT_EMPTY_PATH, 0xfff, record), -1);
    assert.deepEqual([...Deno.readDirSync(`${path}/moved/deep`)], []);
    return Promise.resolve();
  }));

Deno.test("names that are not UTF-8 are refused by the portable calls, and not taken for missing", () =>
  inDirectory((path) => {
    const side = sideOf({ ...portableCalls, ...portableWrites }, portableErrno, path);
    assert.equal(side.statx(side.directory, new Uint8Array([0xff, 0]), 0, 0, record), -1);
    assert.equal(portableErrno(), 84);
    const replaced = new TextEncoder().encode("a\ufffd\0");
    assert.equal(side.statx(side.directory, replaced, 0, 0, record), -1);
    assert.equal(portableErrno(), 84);
    assert.equal(side.statx(AT_FDCWD, cString(`${path}/gone`), 0, 0, record), -1);
    assert.equal(portableErrno(), 2);
    return Promise.resolve();
  }));
