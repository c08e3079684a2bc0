import { ERRNOS } from "./errnos.ts";
import { type Call, type Kind, recorder } from "./recorder.ts";

// Deno's calls on files, below the directory that is watched, go through the recorder. Whoever imports this module has them replaced.

/** What the replaced calls were. */
export const real = {
  openSync: Deno.openSync,
  lstatSync: Deno.lstatSync,
  readFileSync: Deno.readFileSync,
  writeFileSync: Deno.writeFileSync,
  removeSync: Deno.removeSync,
  mkdirSync: Deno.mkdirSync,
  readDirSync: Deno.readDirSync,
  readLinkSync: Deno.readLinkSync,
};
/** Of open files: the path, and where the next write goes. */
const opened = new WeakMap<Deno.FsFile, { readonly path: string; at: number }>();

const CLASSES: Record<string, new (message: string) => Error> = {
  ENOENT: Deno.errors.NotFound,
  EACCES: Deno.errors.PermissionDenied,
  EPERM: Deno.errors.PermissionDenied,
  EEXIST: Deno.errors.AlreadyExists,
  EINTR: Deno.errors.Interrupted,
};

/** As Deno throws it. */
function refusal(fault: string, call: Call): Error {
  const { number, words } = ERRNOS[fault]!;
  const Class = CLASSES[fault] ?? Error;
  return Object.assign(new Class(`${words} (os error ${number}): ${call.kind} '${call.path}'`), {
    code: fault,
  });
}

function meet(call: Call): void {
  const fault = recorder.meet(call);
  // Only a write can be cut short.
  if (fault !== undefined && fault !== "short") throw refusal(fault, call);
}

type Name = keyof typeof Deno;
// deno-lint-ignore no-explicit-any
type AnyCall = (...values: any[]) => any;

/** Puts `wrap` of what is there in the place of `Deno[name]` and of `Deno[name + "Sync"]`. */
function replace(name: string, describe: (...values: unknown[]) => Call | undefined): void {
  const made = (Deno as unknown as Record<string, AnyCall>)[`${name}Sync`]!;
  for (const isSync of [true, false]) {
    const key = (isSync ? `${name}Sync` : name) as Name;
    const replaced: AnyCall = (...values) => {
      const call = describe(...values);
      return call === undefined ? made(...values) : make(call, () => made(...values));
    };
    // All on one thread and at once, so that the order of calls does not depend on chance.
    const later: AnyCall = async (...values) => await replaced(...values);
    Object.defineProperty(Deno, key, { value: isSync ? replaced : later, configurable: true });
  }
}

/** Makes the call unless the recorder has it fail; what is refused has changed nothing. */
function make<T>(call: Call, work: () => T): T {
  meet(call);
  try {
    return work();
  } catch (error) {
    recorder.forgetLast();
    throw error;
  }
}

function isThere(path: string): boolean {
  try {
    real.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function one(kind: Kind, name: string): void {
  const sync = (Deno as unknown as Record<string, AnyCall>)[`${name}Sync`]!;
  replace(name, (path, ...rest) => {
    const text = String(path);
    return recorder.isWatched(text) ? { kind, path: text, redo: () => sync(text, ...rest) } : undefined;
  });
}

function two(kind: Kind, name: string): void {
  const sync = (Deno as unknown as Record<string, AnyCall>)[`${name}Sync`]!;
  replace(name, (from, path) => {
    const [old, text] = [String(from), String(path)];
    return recorder.isWatched(text)
      ? { kind, path: text, from: old, redo: () => sync(old, text) }
      : undefined;
  });
}

replace("mkdir", (path, options) => {
  const text = String(path);
  if (!recorder.isWatched(text)) return undefined;
  const isNew = !isThere(text);
  return { kind: isNew ? "mkdir" : "look", path: text, redo: () => real.mkdirSync(text, options as object) };
});
one("remove", "remove");
one("attributes", "chmod");
one("look", "stat");
one("look", "lstat");
one("look", "readFile");
one("look", "readTextFile");

const { readTextFileSync } = Deno;
/** What the machine says of when it was started. */
export const boots = { count: 0 };
Object.defineProperty(Deno, "readTextFileSync", {
  value: (path: string) =>
    path === "/proc/sys/kernel/random/boot_id" ? `boot-${boots.count}\n` : readTextFileSync(path),
  configurable: true,
});
two("rename", "rename");
two("link", "link");

const lookInto = (path: string | URL) => {
  const text = String(path);
  if (recorder.isWatched(text)) meet({ kind: "look", path: text, redo: () => {} });
};
Object.defineProperty(Deno, "readDirSync", {
  value: (path: string) => (lookInto(path), real.readDirSync(path)),
  configurable: true,
});
Object.defineProperty(Deno, "readDir", {
  value: async function* (path: string) {
    await Promise.resolve();
    lookInto(path);
    yield* real.readDirSync(path);
  },
  configurable: true,
});

function describeOpen(path: string | URL, options: Deno.OpenOptions = {}): Call | undefined {
  const text = String(path);
  if (!recorder.isWatched(text)) return undefined;
  if (!options.createNew && !options.create) return { kind: "look", path: text, redo: () => {} };
  const { mode } = options;
  return {
    kind: "create",
    path: text,
    redo: () => real.openSync(text, { createNew: true, write: true, mode }).close(),
  };
}

function remember(file: Deno.FsFile, call: Call | undefined): Deno.FsFile {
  if (call !== undefined) opened.set(file, { path: call.path, at: 0 });
  return file;
}

Object.defineProperty(Deno, "openSync", {
  value: (path: string, options?: Deno.OpenOptions) => {
    const call = describeOpen(path, options);
    const open = () => real.openSync(path, options);
    return remember(call === undefined ? open() : make(call, open), call);
  },
  configurable: true,
});
const { openSync } = Deno;
Object.defineProperty(Deno, "open", {
  value: async (path: string, options?: Deno.OpenOptions) => await openSync(path, options),
  configurable: true,
});

/** Writes at a place of a file that is there. */
export function writeInto(path: string, at: number, bytes: Uint8Array): void {
  using file = real.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

export function writeCall(path: string, at: number, bytes: Uint8Array): Call {
  const copy = bytes.slice();
  const end = (half: boolean) => half ? copy.length >>> 1 : copy.length;
  return { kind: "write", path, redo: (half = false) => writeInto(path, at, copy.subarray(0, end(half))) };
}

const prototype = Deno.FsFile.prototype;
const { writeSync } = prototype;
/** The bytes that are to be written, after the recorder has had its say. */
function toWrite(file: Deno.FsFile, bytes: Uint8Array): Uint8Array {
  const of = opened.get(file);
  if (of === undefined || !recorder.isWatched(of.path)) return bytes;
  const fault = recorder.meet(writeCall(of.path, of.at, bytes));
  if (fault === undefined) return bytes;
  if (fault !== "short") throw refusal(fault, recorder.met.at(-1)!);
  const half = bytes.subarray(0, Math.max(1, bytes.length >>> 1));
  recorder.replaceLast(writeCall(of.path, of.at, half));
  return half;
}

prototype.writeSync = function (bytes: Uint8Array): number {
  const count = writeSync.call(this, toWrite(this, bytes));
  const of = opened.get(this);
  if (of !== undefined) of.at += count;
  return count;
};
prototype.write = function (bytes: Uint8Array): Promise<number> {
  try {
    return Promise.resolve(this.writeSync(bytes));
  } catch (error) {
    return Promise.reject(error);
  }
};
// What is on the disk is for the recorder to decide, so that nothing waits for one.
prototype.syncSync = function (): void {
  const of = opened.get(this);
  if (of !== undefined && recorder.isWatched(of.path)) meet({ kind: "sync", path: of.path, redo: () => {} });
};
prototype.sync = function (): Promise<void> {
  try {
    return Promise.resolve(this.syncSync());
  } catch (error) {
    return Promise.reject(error);
  }
};
const { readSync } = prototype;
prototype.read = function (into: Uint8Array): Promise<number | null> {
  try {
    const of = opened.get(this);
    if (of !== undefined && recorder.isWatched(of.path)) {
      meet({ kind: "look", path: of.path, redo: () => {} });
    }
    return Promise.resolve(readSync.call(this, into));
  } catch (error) {
    return Promise.reject(error);
  }
};

// A file that is written in one call is made, then filled.
Object.defineProperty(Deno, "writeFileSync", {
  value: (path: string, bytes: Uint8Array, { mode }: Deno.WriteFileOptions = {}) => {
    if (!recorder.isWatched(path)) return real.writeFileSync(path, bytes, { mode });
    using file = Deno.openSync(path, { create: true, truncate: true, write: true, mode });
    for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  },
  configurable: true,
});
