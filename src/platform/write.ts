import { fromBase64 } from "../base/bytes.ts";
import { PRIVATE_FILE } from "./durable_file.ts";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  c,
  cString,
  EINTR,
  errno,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_NOFOLLOW,
  O_WRONLY,
  writes,
} from "./libc.ts";
import { checked, SystemError } from "./read.ts";
import { S_IFBLK, S_IFCHR, S_IFIFO } from "./stat.ts";

/** Makes a file, which must not be there, for writing. All functions here throw `SystemError`. */
export function createFile(path: string): number {
  return checked(c.open(cString(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, PRIVATE_FILE));
}

export function openForWriting(path: string): number {
  return checked(c.open(cString(path), O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0));
}

export function writeAt(fd: number, bytes: Uint8Array<ArrayBuffer>, offset: number): void {
  for (let done = 0; done < bytes.length;) {
    const rest = done === 0 ? bytes : bytes.subarray(done);
    const written = writes().pwrite(fd, rest, BigInt(rest.length), BigInt(offset + done));
    checked(written);
    done += written;
  }
}

/** Closes a file that was written to: only now do some file systems, such as NFS, say that there was no room for it. It is closed in any case. */
export function closeWritten(fd: number): void {
  if (c.close(fd) < 0 && errno() !== EINTR) throw new SystemError(errno());
}

export function setSize(fd: number, size: number): void {
  checked(writes().ftruncate(fd, BigInt(size)));
}

/** What is in the file, or the names in the directory, is on the disk then. */
export function syncFile(fd: number): void {
  checked(writes().fsync(fd));
}

export function makeDirectory(path: string, mode: number): void {
  checked(writes().mkdirat(AT_FDCWD, cString(path), mode));
}

export function makeSymlink(path: string, target: string): void {
  checked(writes().symlinkat(cString(target), AT_FDCWD, cString(path)));
}

export function makeHardlink(path: string, existing: string): void {
  checked(writes().linkat(AT_FDCWD, cString(existing), AT_FDCWD, cString(path), 0));
}

const NODE_TYPES = { fifo: S_IFIFO, char_device: S_IFCHR, block_device: S_IFBLK };
export type NodeKind = keyof typeof NODE_TYPES;

export function nodeType(kind: NodeKind): number {
  return NODE_TYPES[kind];
}

/** The kernel's own encoding of a device number (makedev(3)). */
export function deviceNumber([major, minor]: readonly [number, number]): bigint {
  return BigInt((minor & 0xff) | ((major & 0xfff) << 8)) | (BigInt(minor >>> 8) << 20n) |
    (BigInt(major >>> 12) << 44n);
}

export function makeNode(path: string, kind: NodeKind, device: readonly [number, number]): void {
  const mode = NODE_TYPES[kind] | PRIVATE_FILE;
  checked(writes().mknodat(AT_FDCWD, cString(path), mode, deviceNumber(device)));
}

export function removeFile(path: string): void {
  checked(writes().unlinkat(AT_FDCWD, cString(path), 0));
}

export function setOwner(path: string, uid: number, gid: number): void {
  checked(writes().fchownat(AT_FDCWD, cString(path), uid, gid, AT_SYMLINK_NOFOLLOW));
}

export function setFileOwner(fd: number, uid: number, gid: number): void {
  checked(writes().fchown(fd, uid, gid));
}

/** Follows links: not for symlinks, which have no mode. */
export function setMode(path: string, mode: number): void {
  checked(writes().fchmodat(AT_FDCWD, cString(path), mode, 0));
}

export function setFileMode(fd: number, mode: number): void {
  checked(writes().fchmod(fd, mode));
}

export function setXattr(path: string, name: string, base64: string): void {
  const value = fromBase64(base64);
  checked(writes().lsetxattr(cString(path), cString(name), value, BigInt(value.length), 0));
}

/** Two of the kernel's `struct timespec`: the times of access and of modification. */
const times = new DataView(new ArrayBuffer(32));
const timesBytes = new Uint8Array(times.buffer);
const UTIME_OMIT = 2 ** 30 - 2;
const NS_DIGITS = 9;
const NS = 10 ** NS_DIGITS;

/** Access time is left alone; `mtime` is nanoseconds since 1970, decimal. Of nearly all times seconds and the rest are exact as numbers, all of it is not. */
export function fillTimes(mtime: string): Uint8Array<ArrayBuffer> {
  const isBefore = mtime[0] === "-";
  const restAt = Math.max(isBefore ? 1 : 0, mtime.length - NS_DIGITS);
  const seconds = digits(mtime, isBefore ? 1 : 0, restAt);
  const rest = digits(mtime, restAt, mtime.length);
  const isWhole = rest === 0;
  const whole = isBefore ? -seconds - (isWhole ? 0 : 1) : seconds;
  times.setInt32(8, UTIME_OMIT, true);
  if (Number.isSafeInteger(whole)) {
    times.setUint32(16, whole, true);
    times.setInt32(20, Math.floor(whole / 2 ** 32), true);
  } else times.setBigInt64(16, BigInt(mtime.slice(0, restAt)) - (isBefore && !isWhole ? 1n : 0n), true);
  times.setInt32(24, isBefore && !isWhole ? NS - rest : rest, true);
  return timesBytes;
}

/** The number in part of a text. */
function digits(text: string, start: number, end: number): number {
  let number = 0;
  for (let i = start; i < end; i++) number = 10 * number + text.charCodeAt(i) - 48;
  return number;
}

export function setTime(path: string, mtime: string): void {
  checked(writes().utimensat(AT_FDCWD, cString(path), fillTimes(mtime), AT_SYMLINK_NOFOLLOW));
}

export function setFileTime(fd: number, mtime: string): void {
  checked(writes().futimens(fd, fillTimes(mtime)));
}
