import * as fs from "node:fs";
import type { AttributeCalls, WriteCalls } from "../calls.ts";
import { AT_REMOVEDIR, EINVAL, EISDIR, EOPNOTSUPP } from "../numbers.ts";
import { isOpened, lookUp, pathIn, textIn, unlinkedPathIn } from "./descriptors.ts";
import { attempt, failed, Refusal } from "./failure.ts";
import { runTool } from "./tools.ts";

const S_IFMT = 0o170000;
const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const UTIME_OMIT = (1n << 30n) - 2n;

/** 0, when `call` has done it. */
function done(call: () => void): number {
  return attempt(() => {
    call();
    return 0;
  });
}

const MILLION = 1_000_000n;
/** A double has not all digits of a time, and the runtime cuts off what is behind the millisecond. */
const LACKING_SECONDS = 1e-6;

/** Seconds of the last access and of the last change, as the runtime takes them. One from before 1970 it would not set, and not say so. */
function secondsOf(times: Uint8Array<ArrayBuffer>, stat: fs.BigIntStats): [number, number] {
  const parts = new BigInt64Array(times.buffer, times.byteOffset, 4);
  const access = parts[1] === UTIME_OMIT ? stat.atimeNs / MILLION : parts[0]! * 1000n + parts[1]! / MILLION;
  const change = parts[2]! * 1000n + parts[3]! / MILLION;
  if (change < 0n) throw new Refusal(EINVAL);
  return [Number(access) / 1000, Number(change) / 1000 + LACKING_SECONDS];
}

function setTimes(path: string, times: Uint8Array<ArrayBuffer>): void {
  const [access, change] = secondsOf(times, fs.lstatSync(path, { bigint: true }));
  fs.lutimesSync(path, access, change);
}

function setFileTimes(file: number, times: Uint8Array<ArrayBuffer>): void {
  const [access, change] = secondsOf(times, fs.fstatSync(file, { bigint: true }));
  fs.futimesSync(file, access, change);
}

/** Not every version of the runtime can change the owner of a link. */
function setOwner(path: string, uid: number, gid: number): void {
  const stat = fs.lstatSync(path);
  if (stat.uid === uid && stat.gid === gid) return;
  if (stat.isSymbolicLink()) runTool("chown", ["-h", `${uid}:${gid}`, "--", path]);
  else fs.chownSync(path, uid, gid);
}

/** The runtime can make no nodes: the programs for it are everywhere. */
function makeNode(path: string, mode: number, device: bigint): void {
  const type = mode & S_IFMT;
  if (type === S_IFIFO) return runTool("mkfifo", ["-m", "600", "--", path]);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  runTool("mknod", ["-m", "600", path, type === S_IFCHR ? "c" : "b", String(major), String(minor)]);
}

function remove(path: string, isDirectory: boolean): void {
  if (isDirectory) return fs.rmdirSync(path);
  if (fs.lstatSync(path).isDirectory()) throw new Refusal(EISDIR);
  fs.unlinkSync(path);
}

/** A directory has no descriptor here. */
function syncDirectory(path: string): void {
  const file = fs.openSync(path, "r");
  try {
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

export const portableWrites: WriteCalls = {
  pwrite: (file, bytes, length, offset) =>
    attempt(() => fs.writeSync(file, bytes, 0, Number(length), Number(offset))),
  fsync: (file) => done(() => isOpened(file) ? syncDirectory(lookUp(file).path) : fs.fsyncSync(file)),
  ftruncate: (file, size) => done(() => fs.ftruncateSync(file, Number(size))),
  utimensat: (directory, name, times) => done(() => setTimes(pathIn(directory, name), times)),
  futimens: (file, times) =>
    done(() => isOpened(file) ? setTimes(lookUp(file).path, times) : setFileTimes(file, times)),
  fchownat: (directory, name, uid, gid) => done(() => setOwner(pathIn(directory, name), uid, gid)),
  fchown: (file, uid, gid) =>
    done(() => isOpened(file) ? setOwner(lookUp(file).path, uid, gid) : fs.fchownSync(file, uid, gid)),
  fchmod: (file, mode) =>
    done(() => isOpened(file) ? fs.chmodSync(lookUp(file).path, mode) : fs.fchmodSync(file, mode)),
  fchmodat: (directory, name, mode) => done(() => fs.chmodSync(unlinkedPathIn(directory, name), mode)),
  linkat: (fromDirectory, from, directory, name) =>
    done(() => fs.linkSync(pathIn(fromDirectory, from), pathIn(directory, name))),
  symlinkat: (target, directory, name) => done(() => fs.symlinkSync(textIn(target), pathIn(directory, name))),
  mkdirat: (directory, name, mode) => done(() => fs.mkdirSync(pathIn(directory, name), { mode })),
  unlinkat: (directory, name, flags) =>
    done(() => remove(pathIn(directory, name), (flags & AT_REMOVEDIR) !== 0)),
  mknodat: (directory, name, mode, device) => done(() => makeNode(pathIn(directory, name), mode, device)),
  lsetxattr: () => failed(EOPNOTSUPP),
  fsetxattr: () => failed(EOPNOTSUPP),
  lremovexattr: () => failed(EOPNOTSUPP),
  fremovexattr: () => failed(EOPNOTSUPP),
};

/** As on a file system without attributes. */
export const portableAttributes: AttributeCalls = {
  llistxattr: () => failed(EOPNOTSUPP),
  lgetxattr: () => failed(EOPNOTSUPP),
  flistxattr: () => failed(EOPNOTSUPP),
  fgetxattr: () => failed(EOPNOTSUPP),
};
