type Bytes = Uint8Array<ArrayBuffer>;
/** A path or name in bytes, with a NUL at its end. */
type CString = Uint8Array<ArrayBuffer>;

// What a system has to be able to do. The calls are those of the C library, as Linux has them: names and paths are bytes, a directory and
// a name stand for what is at that name in the open directory (`AT_FDCWD`: the name is a path), and -1 is a failure, of which
// `errno()` has Linux's number. No call here follows a link at the end of its path unless it says so.

/** What every thread needs. */
export interface SystemCalls {
  /** Opens a file or a directory. With `O_PATH` it may only be looked at, and be the directory of other calls. */
  open(path: CString, flags: number, mode: number): number;
  openat(directory: number, name: CString, flags: number, mode: number): number;
  /** As `openat` with the `struct open_how` of openat2(2); the first argument is that call's number. `ENOSYS` where there is none. */
  openat2(call: number, directory: number, path: CString, how: Bytes, size: number): number;
  close(file: number): number;
  pread(file: number, into: Bytes, length: bigint, offset: bigint): number;
  /** For `SEEK_DATA` and `SEEK_HOLE`. */
  lseek(file: number, offset: bigint, whence: number): number | bigint;
  /** Some more names of an open directory, as records of getdents64(2); 0 where there are no more. */
  getdents64(directory: number, into: Bytes, length: bigint): number;
  /** A record of statx(2); with `AT_EMPTY_PATH` and an empty name that of what is open. */
  statx(directory: number, name: CString, flags: number, mask: number, into: Bytes): number;
  /** With an empty name the link that is open. */
  readlinkat(directory: number, name: CString, into: Bytes, length: bigint): number;
  /** Of the file system at `path`; follows links. */
  statfs(path: CString, into: Bytes): number;
  flock(file: number, operation: number): number;
  geteuid(): number;
  madvise(at: Bytes, length: bigint, advice: number): number;
  malloc_trim(keep: bigint): number;
  mallopt(what: number, value: number): number;
}

/** What changes a file system. */
export interface WriteCalls {
  pwrite(file: number, bytes: Bytes, length: bigint, offset: bigint): number;
  fsync(file: number): number;
  ftruncate(file: number, size: bigint): number;
  /** Two `struct timespec`: of the last access, and of the last change. */
  utimensat(directory: number, name: CString, times: Bytes, flags: number): number;
  futimens(file: number, times: Bytes): number;
  fchownat(directory: number, name: CString, uid: number, gid: number, flags: number): number;
  fchown(file: number, uid: number, gid: number): number;
  fchmod(file: number, mode: number): number;
  /** Follows links. */
  fchmodat(directory: number, name: CString, mode: number, flags: number): number;
  linkat(fromDirectory: number, from: CString, directory: number, name: CString, flags: number): number;
  symlinkat(target: CString, directory: number, name: CString): number;
  mkdirat(directory: number, name: CString, mode: number): number;
  unlinkat(directory: number, name: CString, flags: number): number;
  /** Type and permissions, and the kernel's encoding of a device number. */
  mknodat(directory: number, name: CString, mode: number, device: bigint): number;
  lsetxattr(path: CString, name: CString, value: Bytes, size: bigint, flags: number): number;
  fsetxattr(file: number, name: CString, value: Bytes, size: bigint, flags: number): number;
  lremovexattr(path: CString, name: CString): number;
  fremovexattr(file: number, name: CString): number;
}

/** Reading extended attributes. */
export interface AttributeCalls {
  llistxattr(path: CString, into: Bytes, size: bigint): number;
  lgetxattr(path: CString, name: CString, into: Bytes, size: bigint): number;
  flistxattr(file: number, into: Bytes, size: bigint): number;
  fgetxattr(file: number, name: CString, into: Bytes, size: bigint): number;
}
