// The calls to the system that all others of this folder are made of: by the C library on Linux, elsewhere by Deno's and Node's own API.
import type { AttributeCalls, SystemCalls, WriteCalls } from "./calls.ts";
import { attributeCalls, openFunctions, openLibrary, writeCalls } from "./linux/library.ts";
import { portableCalls, portableErrno } from "./portable/calls.ts";
import {
  descriptorPath,
  openShared as openOfOther,
  type SharedDirectory as PortableDirectory,
  shareOpened,
} from "./portable/descriptors.ts";
import { portableAttributes, portableWrites } from "./portable/writes.ts";

export { cString, scratchCString } from "./c_string.ts";
export * from "./numbers.ts";

/** `VAULTIK_PLATFORM=portable` shows on Linux what other systems get. */
const isWanted = Deno.build.os === "linux" && Deno.env.get("VAULTIK_PLATFORM") !== "portable";
const linux = isWanted ? openLibrary() : undefined;

/** Whether this process has no C library that it can call: what only that can do is left out. */
export const isPortable = linux === undefined;

export const c: SystemCalls = linux?.calls ?? portableCalls;

/** The error number of the call just made on this thread; read it before anything else. */
export const errno: () => number = linux?.errno ?? portableErrno;

/** Functions of the C library that not every thread needs, found when they are first called. Not where {@link isPortable}. */
export function libc<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): () => Deno.DynamicLibrary<S>["symbols"] {
  return once(() => openFunctions(symbols));
}

/** What changes a file system. */
export const writes: () => WriteCalls = isPortable ? () => portableWrites : once(writeCalls);

/** Reading extended attributes. */
export const attributes: () => AttributeCalls = isPortable ? () => portableAttributes : once(attributeCalls);

/** A path of what is open, for calls that take only a path; nothing of the path is looked up again on Linux. */
export const pathOfOpen: (file: number) => string = isPortable
  ? descriptorPath
  : (file) => `/proc/self/fd/${file}`;

/** A directory of this thread for others, in a message; {@link openShared} opens it there, and closes nothing: it lasts as long as the one that is shared. */
export type SharedDirectory = number | PortableDirectory;

export const shareDirectory: (directory: number) => SharedDirectory = isPortable
  ? shareOpened
  : (directory) => directory;

/** On Linux all threads have the same descriptors. */
export function openShared(directory: SharedDirectory): number {
  return typeof directory === "number" ? directory : openOfOther(directory);
}

function once<T>(open: () => T): () => T {
  let opened: T | undefined;
  return () => opened ??= open();
}
