import { fromBase64 } from "../base/bytes.ts";
import { PRIVATE_FILE } from "./durable_file.ts";
import {
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_NOFOLLOW,
  c,
  cString,
  ENOSYS,
  EPERM,
  errno,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDWR,
  pathOfOpen,
  scratchCString,
  SYS_OPENAT2,
  writes,
} from "./libc.ts";
import { checked, SystemError } from "./read.ts";
import { deviceNumber, fillTimes, type NodeKind, nodeType } from "./write.ts";

// Calls on one name in a directory that stays open: no one can lead them elsewhere by swapping a directory for a link.
// All throw `SystemError`; none follows a link.

const DIRECTORY_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/** The directory to start from. A link at the end of `path` is followed only where `followsLink`. */
export function openRoot(path: string, followsLink: boolean): number {
  const flags = O_PATH | O_DIRECTORY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW);
  return checked(c.open(cString(path), flags, 0));
}

/** A subdirectory, for calls below it. */
export function openSubdirectory(directory: number, name: string): number {
  return checked(c.openat(directory, scratchCString(name), DIRECTORY_FLAGS, 0));
}

/** A subdirectory, to read it and to set its attributes. */
export function openSubdirectoryForReading(directory: number, name: string): number {
  return checked(c.openat(directory, scratchCString(name), O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0));
}

const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const openHow = new Uint8Array(
  new BigUint64Array([BigInt(DIRECTORY_FLAGS), 0n, BigInt(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)]).buffer,
);
let hasOpenat2 = true;

/**
 * A directory some levels below `root` in one call (openat2(2)), at a path without a slash at its front; `undefined` where this kernel
 * cannot do that.
 */
export function openBeneath(root: number, path: string): number | undefined {
  if (!hasOpenat2) return undefined;
  const fd = c.openat2(SYS_OPENAT2, root, cString(path), openHow, openHow.length);
  if (fd >= 0) return fd;
  if (errno() !== ENOSYS && errno() !== EPERM) throw new SystemError(errno());
  hasOpenat2 = false;
  return undefined;
}

/** Makes a file, which must not be there, for writing and reading. Of `mode` the umask may take something. */
export function createFileIn(directory: number, name: string, mode = PRIVATE_FILE): number {
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  return checked(c.openat(directory, scratchCString(name), flags, mode));
}

/** A file that is there, for writing and reading. */
export function openFileIn(directory: number, name: string): number {
  return checked(c.openat(directory, scratchCString(name), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0));
}

export function makeDirectoryIn(directory: number, name: string, mode: number): void {
  checked(writes().mkdirat(directory, scratchCString(name), mode));
}

export function makeSymlinkIn(directory: number, name: string, target: string): void {
  checked(writes().symlinkat(cString(target), directory, cString(name)));
}

export function makeNodeIn(
  directory: number,
  name: string,
  kind: NodeKind,
  device: readonly [number, number],
): void {
  const mode = nodeType(kind) | PRIVATE_FILE;
  checked(writes().mknodat(directory, cString(name), mode, deviceNumber(device)));
}

export function linkIn(directory: number, name: string, fromDirectory: number, fromName: string): void {
  checked(writes().linkat(fromDirectory, cString(fromName), directory, cString(name), 0));
}

export function removeFileIn(directory: number, name: string): void {
  checked(writes().unlinkat(directory, scratchCString(name), 0));
}

/** The directory must be empty. */
export function removeDirectoryIn(directory: number, name: string): void {
  checked(writes().unlinkat(directory, scratchCString(name), AT_REMOVEDIR));
}

export function setOwnerIn(directory: number, name: string, uid: number, gid: number): void {
  checked(writes().fchownat(directory, scratchCString(name), uid, gid, AT_SYMLINK_NOFOLLOW));
}

/** Of anything but a symlink, which has no mode. */
export function setModeIn(directory: number, name: string, mode: number): void {
  const fd = checked(c.openat(directory, scratchCString(name), O_PATH | O_NOFOLLOW | O_CLOEXEC, 0));
  try {
    checked(writes().fchmodat(AT_FDCWD, cString(pathOfOpen(fd)), mode, 0));
  } finally {
    c.close(fd);
  }
}

export function setTimeIn(directory: number, name: string, mtime: string): void {
  checked(writes().utimensat(directory, scratchCString(name), fillTimes(mtime), AT_SYMLINK_NOFOLLOW));
}

/** Of a symlink, too: the directory is taken by its descriptor, and the call does not follow the name. */
export function setXattrIn(directory: number, name: string, attribute: string, base64: string): void {
  const value = fromBase64(base64);
  const path = cString(`${pathOfOpen(directory)}/${name}`);
  checked(writes().lsetxattr(path, cString(attribute), value, BigInt(value.length), 0));
}

/** Of an open file or directory. */
export function setFileXattr(fd: number, attribute: string, base64: string): void {
  const value = fromBase64(base64);
  checked(writes().fsetxattr(fd, cString(attribute), value, BigInt(value.length), 0));
}

/** As {@link setXattrIn} sets it. */
export function removeXattrIn(directory: number, name: string, attribute: string): void {
  checked(writes().lremovexattr(cString(`${pathOfOpen(directory)}/${name}`), cString(attribute)));
}

/** Of an open file or directory. */
export function removeFileXattr(fd: number, attribute: string): void {
  checked(writes().fremovexattr(fd, cString(attribute)));
}
