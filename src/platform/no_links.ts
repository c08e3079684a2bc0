import {
  AT_FDCWD,
  c,
  cString,
  EPERM,
  errno,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  SYS_OPENAT2,
} from "./libc.ts";
import { checked, readLinkIn, SystemError } from "./read.ts";
import { S_IFLNK, Stat } from "./stat.ts";

// Opening what is at an absolute path without following any link, at its end or on the way: whoever may write to a directory on the way
// could put a link in its place at any moment, and have someone else's files read.

const RESOLVE_NO_SYMLINKS = 0x04;
/** The kernel takes no longer path at a time. */
const PATH_BYTES_MAX = 4095;
const STEP = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

type CString = Uint8Array<ArrayBuffer>;

/** `struct open_how`: flags, mode, resolve. */
const how = new BigUint64Array([0n, 0n, BigInt(RESOLVE_NO_SYMLINKS)]);
const howBytes = new Uint8Array(how.buffer);
const howFlags = new Uint32Array(how.buffer);

function openat2(directory: number, path: CString, flags: number): number {
  howFlags[0] = flags;
  return c.openat2(SYS_OPENAT2, directory, path, howBytes, howBytes.length);
}

/** Linux 5.6 and later have it, where no filter of system calls is in the way. */
const hasOpenat2 = findOpenat2();

function findOpenat2(): boolean {
  const fd = openat2(AT_FDCWD, cString("/"), STEP);
  if (fd >= 0) c.close(fd);
  return fd >= 0;
}

/** Opens what is at the absolute `path` (with its NUL) with `flags`. Throws `SystemError`: ELOOP or ENOTDIR where there is a link. */
export function openNoLinks(path: CString, flags: number): number {
  return checked(tryOpen(path, flags));
}

function tryOpen(path: CString, flags: number): number {
  if (hasOpenat2 && path.length <= PATH_BYTES_MAX + 1) return openat2(AT_FDCWD, path, flags | O_CLOEXEC);
  return tryInSteps(path, flags);
}

/** As {@link openNoLinks}, one name after the other: for old kernels, and for paths that are longer than a call takes. */
export function openInSteps(path: CString, flags: number): number {
  return checked(tryInSteps(path, flags));
}

function tryInSteps(path: CString, flags: number): number {
  let directory = c.openat(AT_FDCWD, cString("/"), STEP, 0);
  const end = path.length - 1;
  for (let start = 1; directory >= 0 && start < end;) {
    const slash = path.indexOf(0x2f, start);
    const isLast = slash < 0;
    const name = path.slice(start, (isLast ? end : slash) + 1);
    name[name.length - 1] = 0;
    const next = c.openat(directory, name, isLast ? flags | O_NOFOLLOW | O_CLOEXEC : STEP, 0);
    c.close(directory);
    directory = next;
    if (isLast) return directory;
    start = slash + 1;
  }
  if (directory < 0) return directory;
  c.close(directory);
  return c.openat(AT_FDCWD, cString("/"), flags | O_CLOEXEC, 0);
}

const FILE_FLAGS = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

/** Opens a regular file for reading, leaving its access time alone where that is allowed. Throws `SystemError`. */
export function openFile(path: CString): number {
  let fd = tryOpen(path, FILE_FLAGS | O_NOATIME);
  if (fd < 0 && errno() === EPERM) fd = tryOpen(path, FILE_FLAGS);
  return checked(fd);
}

/** Whether something is at `path`, which may be a link itself. */
export function isThere(path: CString): boolean {
  const fd = tryOpen(path, O_PATH | O_NOFOLLOW);
  if (fd >= 0) c.close(fd);
  return fd >= 0;
}

/** Opens a directory to read its names. Throws `SystemError`. */
export function openDirectoryAt(path: string): number {
  return openNoLinks(cString(path), O_DIRECTORY);
}

/** Fills `stat` with what is at `path`, which may be a link itself. Throws `SystemError`. */
export function statNoLinks(stat: Stat, path: string): void {
  const fd = openNoLinks(cString(path), O_PATH | O_NOFOLLOW);
  try {
    if (!stat.of(fd)) throw new SystemError(errno());
  } finally {
    c.close(fd);
  }
}

/** The link at `path`, and whose it is; `undefined` where there is none, or it cannot be looked at. */
export function linkAt(path: string): { readonly target: string; readonly uid: number } | undefined {
  const fd = tryOpenOrNone(path);
  if (fd < 0) return undefined;
  try {
    const stat = new Stat();
    const isLink = stat.of(fd) && stat.type === S_IFLNK;
    return isLink ? { target: readLinkIn(fd, ""), uid: stat.uid } : undefined;
  } finally {
    c.close(fd);
  }
}

function tryOpenOrNone(path: string): number {
  try {
    return openNoLinks(cString(path), O_PATH | O_NOFOLLOW);
  } catch (error) {
    if (error instanceof SystemError) return -1;
    throw error;
  }
}

/** The directory of the entry asked for last, held open: neighbours are asked for one after the other. */
export class ParentDirectory implements Disposable {
  #path: string | undefined;
  #fd = -1;

  /** A descriptor of the directory at `path`, for calls about names in it. Throws `SystemError`. */
  open(path: string): number {
    if (path === this.#path) return this.#fd;
    this[Symbol.dispose]();
    this.#fd = openNoLinks(cString(path), O_PATH | O_DIRECTORY);
    this.#path = path;
    return this.#fd;
  }

  [Symbol.dispose](): void {
    if (this.#path !== undefined) c.close(this.#fd);
    this.#path = undefined;
  }
}
