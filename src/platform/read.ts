import { Buffer } from "node:buffer";
import {
  AT_FDCWD,
  c,
  cString,
  EINTR,
  ENXIO,
  errno,
  errnoMessage,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_NONBLOCK,
} from "./libc.ts";

/** A system call failed; `code` is the errno. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  constructor(readonly code: number) {
    super(errnoMessage(code));
  }
}

/** What a system call gave. Throws `SystemError` where that is none: it is to be asked before any other call. */
export function checked(result: number): number {
  if (result < 0) throw new SystemError(errno());
  return result;
}

/** Opens a directory below `parent` (or an absolute path with `AT_FDCWD`) for reading. Throws `SystemError`. */
export function openDirectory(parent: number, name: Uint8Array<ArrayBuffer>): number {
  return checked(c.openat(parent, name, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0));
}

const DIRENT_TYPE = 18;
const DIRENT_NAME = 19;
const DT_UNKNOWN = 0;
const DT_DIR = 4;
const direntBytes = Buffer.alloc(256 * 1024);
const direntSize = BigInt(direntBytes.length);

/** All names in an open directory, as byte strings, unsorted, without `.` and `..`. Throws `SystemError`. */
export function readNames(directory: number): string[] {
  return readNamesOf(directory, () => true);
}

/** As {@link readNames}, of directories alone, and of what the file system does not tell the type of. */
export function readDirectoryNames(directory: number): string[] {
  return readNamesOf(directory, (type) => type === DT_DIR || type === DT_UNKNOWN);
}

/** What is in an open directory, in its order. */
export interface DirectorySurvey {
  /** Directories, and what the file system does not tell the type of. */
  readonly directories: readonly string[];
  /** How much else there is, and the names of the first of that. */
  readonly others: number;
  readonly some: readonly string[];
}

/** Counts what is in an open directory; of what is no directory, `names` are named at most. Throws `SystemError`. */
export function surveyDirectory(directory: number, names: number): DirectorySurvey {
  let others = 0;
  const mayBeDirectory = (type: number) => type === DT_DIR || type === DT_UNKNOWN;
  const types: number[] = [];
  const found = readNamesOf(directory, (type) => mayBeDirectory(type) || others++ < names, types);
  const directories = found.filter((_, i) => mayBeDirectory(types[i]!));
  return { directories, others, some: found.filter((_, i) => !mayBeDirectory(types[i]!)) };
}

/** The names, and where `types` is given their types. */
function readNamesOf(
  directory: number,
  isWanted: (type: number) => boolean,
  types?: number[],
): string[] {
  const names: string[] = [];
  for (;;) {
    const length = c.getdents64(directory, direntBytes, direntSize);
    if (length < 0) throw new SystemError(errno());
    if (length === 0) return names;
    for (let at = 0; at < length; at += direntBytes[at + 16]! | (direntBytes[at + 17]! << 8)) {
      if (!isWanted(direntBytes[at + DIRENT_TYPE]!)) continue;
      const start = at + DIRENT_NAME;
      const name = direntBytes.toString("latin1", start, direntBytes.indexOf(0, start));
      if (name === "." || name === "..") continue;
      names.push(name);
      types?.push(direntBytes[at + DIRENT_TYPE]!);
    }
  }
}

/** Opens the regular file `name` (NUL at its end) in an open directory for reading. Throws `SystemError`. */
export function openFileIn(directory: number, name: Uint8Array<ArrayBuffer>): number {
  return checked(c.openat(directory, name, O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0));
}

export function closeFile(fd: number): void {
  c.close(fd);
}

/** Reads up to `into.length` bytes at `offset`; fewer only at the end of the file. Throws `SystemError`. */
export function readAt(fd: number, into: Uint8Array<ArrayBuffer>, offset: number): number {
  let done = 0;
  while (done < into.length) {
    const rest = done === 0 ? into : into.subarray(done);
    const length = readOnce(fd, rest, offset + done);
    if (length === 0) break;
    done += length;
  }
  return done;
}

/** Reads some of up to `into.length` bytes at `offset`; none only at the end of the file. Throws `SystemError`. */
export function readOnce(fd: number, into: Uint8Array<ArrayBuffer>, offset: number): number {
  for (;;) {
    const length = c.pread(fd, into, BigInt(into.length), BigInt(offset));
    if (length >= 0) return length;
    if (errno() !== EINTR) throw new SystemError(errno());
  }
}

const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Holes of an open file of `size` bytes as `[offset, length]`, ascending; none where the file system cannot tell. */
export function findHoles(fd: number, size: number): [number, number][] {
  const holes: [number, number][] = [];
  for (let at = 0; at < size;) {
    const hole = Number(c.lseek(fd, BigInt(at), SEEK_HOLE));
    if (hole < 0 || hole >= size) break;
    const data = Number(c.lseek(fd, BigInt(hole), SEEK_DATA));
    if (data < 0 && errno() !== ENXIO) return [];
    const end = data < 0 ? size : Math.min(data, size);
    holes.push([hole, end - hole]);
    at = end;
  }
  return holes;
}

const linkBytes = Buffer.alloc(64 * 1024);

/** Where the symlink at `path` points, as a byte string. Throws `SystemError`. */
export function readLink(path: string): string {
  return readLinkIn(AT_FDCWD, path);
}

/** As {@link readLink}, of `name` in an open directory. */
export function readLinkIn(directory: number, name: string): string {
  const length = c.readlinkat(directory, cString(name), linkBytes, BigInt(linkBytes.length));
  if (length < 0) throw new SystemError(errno());
  return linkBytes.toString("latin1", 0, length);
}
