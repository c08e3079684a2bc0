import * as fs from "node:fs";
import process from "node:process";
import type { SystemCalls } from "../calls.ts";
import {
  AT_EMPTY_PATH,
  EILSEQ,
  EINVAL,
  ELOOP,
  ENOSYS,
  ENOTDIR,
  EOPNOTSUPP,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDWR,
  O_WRONLY,
} from "../numbers.ts";
import { forget, isOpened, lookUp, pathIn, remember, textIn } from "./descriptors.ts";
import { takeDirectoryRecords } from "./directory_records.ts";
import { attempt, failed, Refusal } from "./failure.ts";
import { writeStatRecord } from "./stat_record.ts";

export { portableErrno } from "./failure.ts";

// The runtime has no calls relative to an open directory: a name is looked up by its whole path, after a look whether the directory is
// still the one that was opened. Who swaps it between the two looks is not noticed.

const REPLACEMENT = "\ufffd";
const encoder = new TextEncoder();

function open(path: string, flags: number, mode: number): number {
  const stat = flags & O_CREAT ? undefined : fs.lstatSync(path, { bigint: true });
  if (flags & O_DIRECTORY) return openDirectory(path, stat!, flags);
  if (flags & O_PATH) return remember(path, stat!);
  if (stat?.isSymbolicLink() && flags & O_NOFOLLOW) throw new Refusal(ELOOP);
  if (stat?.isDirectory()) return remember(path, stat);
  return fs.openSync(path, ownFlags(flags), mode);
}

function openDirectory(path: string, stat: fs.BigIntStats, flags: number): number {
  if (stat.isDirectory()) return rememberDirectory(path, stat, flags);
  if (!stat.isSymbolicLink() || flags & O_NOFOLLOW) throw new Refusal(ENOTDIR);
  const real = fs.realpathSync(path);
  const target = fs.lstatSync(real, { bigint: true });
  if (!target.isDirectory()) throw new Refusal(ENOTDIR);
  return rememberDirectory(real, target, flags);
}

/** Who may not read a directory learns it here, as where directories have descriptors. */
function rememberDirectory(path: string, stat: fs.BigIntStats, flags: number): number {
  if (!(flags & O_PATH)) fs.closeSync(fs.openSync(path, "r"));
  return remember(path, stat);
}

/** Linux's flags by this system's numbers. */
function ownFlags(flags: number): number {
  const own = fs.constants;
  const pairs = [
    [O_CREAT, own.O_CREAT],
    [O_EXCL, own.O_EXCL],
    [O_NOFOLLOW, own.O_NOFOLLOW],
    [O_NONBLOCK, own.O_NONBLOCK],
  ] as const;
  const access = flags & O_RDWR ? own.O_RDWR : flags & O_WRONLY ? own.O_WRONLY : own.O_RDONLY;
  return pairs.reduce<number>((sum, [linux, here]) => flags & linux ? sum | (here ?? 0) : sum, access);
}

function statOf(directory: number, name: Uint8Array<ArrayBuffer>, flags: number): fs.BigIntStats {
  if (name[0] !== 0 || !(flags & AT_EMPTY_PATH)) return lstat(pathIn(directory, name));
  return isOpened(directory) ? lookUp(directory).stat : fs.fstatSync(directory, { bigint: true });
}

/** A name that the runtime could not decode is not to be taken for one that has vanished. */
function lstat(path: string): fs.BigIntStats {
  try {
    return fs.lstatSync(path, { bigint: true });
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw isMissing && path.includes(REPLACEMENT) ? new Refusal(EILSEQ) : error;
  }
}

export const portableCalls: SystemCalls = {
  open: (path, flags, mode) => attempt(() => open(textIn(path), flags, mode)),
  openat: (directory, name, flags, mode) => attempt(() => open(pathIn(directory, name), flags, mode)),
  openat2: () => failed(ENOSYS),
  close(file) {
    if (isOpened(file)) forget(file);
    else fs.closeSync(file);
    return 0;
  },
  pread: (file, into, length, offset) =>
    attempt(() => fs.readSync(file, into, 0, Number(length), Number(offset))),
  lseek: () => failed(EINVAL),
  getdents64: (directory, into) =>
    attempt(() => {
      const known = lookUp(directory);
      known.unread ??= fs.readdirSync(known.path, { withFileTypes: true });
      return takeDirectoryRecords(known.unread, into);
    }),
  statx: (directory, name, flags, _mask, into) =>
    attempt(() => {
      writeStatRecord(statOf(directory, name, flags), into);
      return 0;
    }),
  readlinkat: (directory, name, into) =>
    attempt(() => {
      const target = encoder.encode(fs.readlinkSync(pathIn(directory, name)));
      into.set(target.subarray(0, into.length));
      return Math.min(target.length, into.length);
    }),
  statfs: (path, into) =>
    attempt(() => {
      new DataView(into.buffer).setUint32(0, fs.statfsSync(textIn(path)).type, true);
      return 0;
    }),
  flock: () => failed(EOPNOTSUPP),
  geteuid: () => process.geteuid?.() ?? 0,
  madvise: () => 0,
  malloc_trim: () => 0,
  mallopt: () => 0,
};
