// The only place that calls into the operating system's C library. Linux (glibc 2.30 or later), x86_64 and aarch64.
// Everything here is per thread: errno belongs to the thread that made the call.
import type { AttributeCalls, SystemCalls, WriteCalls } from "../calls.ts";
import { cString } from "../c_string.ts";
import { SYS_MKNODAT } from "../numbers.ts";

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

export interface LinuxCalls {
  readonly calls: SystemCalls;
  readonly errno: () => number;
}

/** The calls that every thread needs; `undefined` where the system has not this library. */
export function openLibrary(): LinuxCalls | undefined {
  const calls = open();
  if (calls === undefined) return undefined;
  const errno = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(calls.__errno_location()!, 4));
  return { calls, errno: () => errno[0]! };
}

function open(): Deno.DynamicLibrary<typeof symbols>["symbols"] | undefined {
  try {
    return Deno.dlopen(LIBRARY, symbols).symbols;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Functions that not every thread needs: Deno takes half a millisecond of each thread for each function. */
export function openFunctions<S extends Deno.ForeignLibraryInterface>(symbols: S) {
  return Deno.dlopen(LIBRARY, symbols).symbols;
}

const writeSymbols = {
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
  // mknodat(2), for which old C libraries have no function: number, directory, name, mode, device.
  mknod: { name: "syscall", parameters: ["i64", "i32", "buffer", "u32", "u64"], result: "i32" },
  lsetxattr: { parameters: ["buffer", "buffer", "buffer", "usize", "i32"], result: "i32" },
  fsetxattr: { parameters: ["i32", "buffer", "buffer", "usize", "i32"], result: "i32" },
  lremovexattr: { parameters: ["buffer", "buffer"], result: "i32" },
  fremovexattr: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

export function writeCalls(): WriteCalls {
  const { mknod, ...calls } = openFunctions(writeSymbols);
  return {
    ...calls,
    mknodat: (directory, name, mode, device) => mknod(SYS_MKNODAT, directory, name, mode, device),
  };
}

export const attributeCalls = (): AttributeCalls =>
  openFunctions({
    lgetxattr: { parameters: ["buffer", "buffer", "buffer", "usize"], result: "i32" },
    llistxattr: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
    fgetxattr: { parameters: ["i32", "buffer", "buffer", "usize"], result: "i32" },
    flistxattr: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  });

/** Where a function of the C library is, to be called from there. */
export function addressOf(name: string): Deno.PointerValue {
  const { symbols } = Deno.dlopen("libdl.so.2", {
    dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
  });
  return symbols.dlsym(null, cString(name));
}
