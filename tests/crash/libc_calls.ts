import { writeCall } from "./deno_calls.ts";
import { ERRNOS } from "./errnos.ts";
import { replaceLibrary, setErrno, type Symbols } from "../fixtures/replaced_library.ts";
import { type Kind, recorder } from "./recorder.ts";

// Calls of the C library that change files, below the directory that is watched, go through the recorder. Import this before
// anything that opens the library.

const O_CREAT = 0o100;
const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes.subarray(0, bytes.indexOf(0)));
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** The path of a file or directory that is open. */
function ofDescriptor(fd: number): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${fd}`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

function ofName(directory: number, name: Uint8Array): string | undefined {
  const text = textOf(name).replace(/^\/proc\/self\/fd\/(\d+)/, (_, fd) => ofDescriptor(Number(fd)) ?? "");
  if (text.startsWith("/")) return text;
  const parent = ofDescriptor(directory);
  return text === "." ? parent : `${parent}/${text}`;
}

interface Described {
  readonly kind: Kind;
  readonly path: string | undefined;
  readonly from?: string;
  readonly redo: () => void;
}

/** Puts in the place of `symbols[name]` what asks the recorder first. */
function replace(symbols: Symbols) {
  return (name: string, describe: (...values: unknown[]) => Described | undefined) => {
    const made = symbols[name];
    if (made === undefined) return;
    symbols[name] = (...values) => {
      const described = describe(...values);
      if (described === undefined || !recorder.isWatched(described.path)) return made(...values);
      const fault = recorder.meet({ ...described, path: described.path });
      // Only a write can be cut short.
      if (fault !== undefined && fault !== "short") {
        setErrno(ERRNOS[fault]!.number);
        return -1;
      }
      const result = made(...values);
      if (result < 0) recorder.forgetLast();
      return result;
    };
  };
}

/** `symbols` with those replaced that change files. */
function watched(real: Symbols): Symbols {
  const symbols = { ...real };
  const at = replace(symbols);
  const text = (bytes: unknown) => bytes as Uint8Array;
  const copy = (bytes: unknown) => text(bytes).slice();
  at("openat", (directory, name, flags, mode) => {
    if (!((flags as number) & O_CREAT)) return undefined;
    const path = ofName(directory as number, text(name));
    return { kind: "create", path, redo: () => real.close!(real.open!(cString(path!), flags, mode)) };
  });
  at("ftruncate", (fd, size) => {
    const path = ofDescriptor(fd as number);
    return { kind: "truncate", path, redo: () => Deno.truncateSync(path!, Number(size)) };
  });
  at("mkdirat", (directory, name, mode) => {
    const path = ofName(directory as number, text(name));
    return { kind: "mkdir", path, redo: () => real.mkdirat!(AT_FDCWD, cString(path!), mode) };
  });
  at("symlinkat", (target, directory, name) => {
    const path = ofName(directory as number, text(name));
    const to = copy(target);
    return { kind: "symlink", path, redo: () => real.symlinkat!(to, AT_FDCWD, cString(path!)) };
  });
  at("linkat", (fromDirectory, fromName, directory, name) => {
    const path = ofName(directory as number, text(name));
    const from = ofName(fromDirectory as number, text(fromName))!;
    const redo = () => real.linkat!(AT_FDCWD, cString(from), AT_FDCWD, cString(path!), 0);
    return { kind: "link", path, from, redo };
  });
  at("unlinkat", (directory, name, flags) => {
    const path = ofName(directory as number, text(name));
    const flag = (flags as number) & AT_REMOVEDIR;
    return { kind: "remove", path, redo: () => real.unlinkat!(AT_FDCWD, cString(path!), flag) };
  });
  at("fchownat", (directory, name, uid, gid) => {
    const path = ofName(directory as number, text(name));
    const redo = () => real.fchownat!(AT_FDCWD, cString(path!), uid, gid, AT_SYMLINK_NOFOLLOW);
    return { kind: "attributes", path, redo };
  });
  at("fchown", (fd, uid, gid) => {
    const path = ofDescriptor(fd as number);
    const redo = () => real.fchownat!(AT_FDCWD, cString(path!), uid, gid, AT_SYMLINK_NOFOLLOW);
    return { kind: "attributes", path, redo };
  });
  at("fchmod", (fd, mode) => {
    const path = ofDescriptor(fd as number);
    return { kind: "attributes", path, redo: () => real.fchmodat!(AT_FDCWD, cString(path!), mode, 0) };
  });
  at("fchmodat", (directory, name, mode) => {
    const path = ofName(directory as number, text(name));
    return { kind: "attributes", path, redo: () => real.fchmodat!(AT_FDCWD, cString(path!), mode, 0) };
  });
  at("utimensat", (directory, name, times) => {
    const path = ofName(directory as number, text(name));
    const when = copy(times);
    const redo = () => real.utimensat!(AT_FDCWD, cString(path!), when, AT_SYMLINK_NOFOLLOW);
    return { kind: "attributes", path, redo };
  });
  at("futimens", (fd, times) => {
    const path = ofDescriptor(fd as number);
    const when = copy(times);
    const redo = () => real.utimensat!(AT_FDCWD, cString(path!), when, AT_SYMLINK_NOFOLLOW);
    return { kind: "attributes", path, redo };
  });
  at("fsync", (fd) => ({ kind: "sync", path: ofDescriptor(fd as number), redo: () => {} }));
  at("mknod", (call, directory, name, mode, device) => {
    const path = ofName(directory as number, text(name));
    const redo = () => real.mknod!(call, AT_FDCWD, cString(path!), mode, device);
    return { kind: "node", path, redo };
  });
  if (symbols.pwrite !== undefined) replaceWrite(symbols);
  return symbols;
}

/** A write can be cut short as well. */
function replaceWrite(symbols: Symbols): void {
  const pwrite = symbols.pwrite!;
  symbols.pwrite = (fd: number, bytes: Uint8Array, length: bigint, offset: bigint) => {
    const path = ofDescriptor(fd);
    if (!recorder.isWatched(path)) return pwrite(fd, bytes, length, offset);
    const fault = recorder.meet(writeCall(path, Number(offset), bytes));
    if (fault === undefined) return pwrite(fd, bytes, length, offset);
    if (fault !== "short") {
      setErrno(ERRNOS[fault]!.number);
      return -1;
    }
    const half = bytes.slice(0, Math.max(1, bytes.length >>> 1));
    recorder.replaceLast(writeCall(path, Number(offset), half));
    return pwrite(fd, half, BigInt(half.length), offset);
  };
}

replaceLibrary(watched);
