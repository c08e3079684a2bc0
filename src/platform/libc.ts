// The only place that calls into the operating system's C library. Linux (glibc 2.30 or later), x86_64 and aarch64.
// Everything here is per thread: errno belongs to the thread that made the call.
export { errnoMessage } from "../base/errno.ts";

const LIBRARY = "libc.so.6";

const symbols = {
  __errno_location: { parameters: [], result: "pointer" },
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // No read is longer than 2 GiB, so its result fits a 32-bit number, which costs far less than a bigint.
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "i32" },
  // openat2(2), for which the C library has no function: number, directory, path, struct open_how and its size.
  openat2: { name: "syscall", parameters: ["i32", "i32", "buffer", "buffer", "u32"], result: "i32" },
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  madvise: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  malloc_trim: { parameters: ["usize"], result: "i32" },
  geteuid: { parameters: [], result: "u32" },
  mallopt: { parameters: ["i32", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
} as const;

export const c = Deno.dlopen(LIBRARY, symbols).symbols;

/**
 * Functions that not every thread needs, found when they are first called: Deno takes half a millisecond of each thread for each function.
 */
export function libc<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): () => Deno.DynamicLibrary<S>["symbols"] {
  let found: Deno.DynamicLibrary<S>["symbols"] | undefined;
  return () => found ??= Deno.dlopen(LIBRARY, symbols).symbols;
}

/** What changes a file system. */
export const writes = libc({
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "i32" },
  fsync: { parameters: ["i32"], result: "i32" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  utimensat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  futimens: { parameters: ["i32", "buffer"], result: "i32" },
  fchownat: { parameters: ["i32", "buffer", "u32", "u32", "i32"], result: "i32" },
  fchown: { parameters: ["i32", "u32", "u32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  fchmodat: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  linkat: { parameters: ["i32", "buffer", "i32", "buffer", "i32"], result: "i32" },
  symlinkat: { parameters: ["buffer", "i32", "buffer"], result: "i32" },
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  syscall: { parameters: ["i64", "i64", "buffer", "i64", "i64", "i64", "i64"], result: "i64" },
  lsetxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "i32"], result: "i32" },
  fsetxattr: { parameters: ["i32", "buffer", "buffer", "usize", "i32"], result: "i32" },
  fremovexattr: { parameters: ["i32", "buffer"], result: "i32" },
});

/** Where a function of the C library is, to be called from there. */
export function addressOf(name: string): Deno.PointerValue {
  const { symbols } = Deno.dlopen("libdl.so.2", {
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
  });
  return symbols.dlsym(null, cString(name));
}

const errnoView = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(c.__errno_location()!, 4));

/** The error number of the call just made on this thread; read it before anything else. */
export function errno(): number {
  return errnoView[0];
}

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EMPTY_PATH = 0x1000;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_REMOVEDIR = 0x200;

export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const O_PATH = 0o10000000;
export const O_NOATIME = 0o1000000;
// aarch64 gives these two other numbers than x86_64.
const isArm = Deno.build.arch === "aarch64";
export const O_DIRECTORY = isArm ? 0o40000 : 0o200000;
export const O_NOFOLLOW = isArm ? 0o100000 : 0o400000;
export const SYS_MKNODAT = isArm ? 33n : 259n;
export const SYS_OPENAT2 = 437n;

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EIO = 5;
export const ENXIO = 6;
export const EAGAIN = 11;
export const EACCES = 13;
export const EEXIST = 17;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EMFILE = 24;
export const ENOSPC = 28;
export const EROFS = 30;
export const ERANGE = 34;
export const ENAMETOOLONG = 36;
export const ENOSYS = 38;
export const ENOTEMPTY = 39;
export const ELOOP = 40;
export const ENODATA = 61;
export const EOPNOTSUPP = 95;
export const ESTALE = 116;
export const EDQUOT = 122;

const PATH_MAX = 4096;
const scratch = new Uint8Array(PATH_MAX);

/** As {@link cString}, in memory that the next call uses again: for calls with one string, in hot loops. */
export function scratchCString(text: string): Uint8Array<ArrayBuffer> {
  if (text.length >= PATH_MAX) return cString(text);
  for (let i = 0; i < text.length; i++) scratch[i] = text.charCodeAt(i);
  scratch[text.length] = 0;
  return scratch;
}

/** `text`, whose char codes are bytes, with the NUL that C wants at its end. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
