import { c, cString } from "./libc.ts";
import { statNoLinks } from "./no_links.ts";
import { SystemError } from "./read.ts";
import { S_IFDIR, Stat } from "./stat.ts";

const STATFS_BYTES = 256;
const statfs = new Uint8Array(STATFS_BYTES);

/** `f_type` of statfs(2) for the file system at `path`; `undefined` where it cannot be asked. */
export function fileSystemType(path: string): number | undefined {
  if (c.statfs(cString(path), statfs) !== 0) return undefined;
  return new DataView(statfs.buffer).getUint32(0, true);
}

/**
 * Where the file system of `path` (absolute, in normal form, without links) is mounted, and its type; `undefined` where that cannot be
 * found out. Device numbers are none of it: they change when the machine starts again.
 */
export function mountOf(path: string): { readonly at: string; readonly type: number } | undefined {
  const type = fileSystemType(path);
  // The device of a file is not always that of its file system.
  const directory = isDirectory(path) ? path : parentOf(path);
  const own = deviceOf(directory);
  if (type === undefined || own === undefined) return undefined;
  let at = directory;
  while (at !== "/") {
    if (deviceOf(parentOf(at)) !== own) break;
    at = parentOf(at);
  }
  return { at, type };
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function isDirectory(path: string): boolean {
  return lookAt(path)?.type === S_IFDIR;
}

function deviceOf(path: string): number | undefined {
  return lookAt(path)?.fileSystem;
}

const stat = new Stat();

function lookAt(path: string): Stat | undefined {
  try {
    statNoLinks(stat, path);
    return stat;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
