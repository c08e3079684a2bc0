import { sha256Hex } from "../../base/digest.ts";
import { chunkOffsets, keepHoles } from "../../chunk/extents.ts";
import { type Entry, type Kind, MODE_BITS } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import * as disk from "../../platform/beneath.ts";
import { cString, EISDIR, ENOENT, errno, scratchCString } from "../../platform/libc.ts";
import { closeFile, findHoles, openFileIn, readAt, readLinkIn, SystemError } from "../../platform/read.ts";
import * as modes from "../../platform/stat.ts";
import { readXattrsIn } from "../../platform/xattrs.ts";
import type { Part } from "../../read/entry_source.ts";
import type { Overwrite } from "./overwrite.ts";
import type { OpenDirectories, Spot } from "./open_directories.ts";
import { mustNotBeWritten } from "./open_files.ts";
import { hasXattrsOf } from "./rights.ts";

/** What a restore does about an entry, given what is in its place. */
export type Action =
  /** Nothing is there. */
  | { readonly kind: "make" }
  /** It is as it should be, or else may not be touched. */
  | { readonly kind: "keep"; readonly isRight?: boolean }
  /** Its contents are right, its owner, mode or time is not. */
  | { readonly kind: "attributes" }
  /** A file of which some chunks differ, or its length. */
  | { readonly kind: "patch"; readonly parts: readonly Part[] }
  /** Something else is there. */
  | { readonly kind: "replace" };

const REPLACE: Action = { kind: "replace" };
const ZEROS_AT_ONCE = 1024 * 1024;

const TYPES: Readonly<Record<Kind, number>> = {
  file: modes.S_IFREG,
  directory: modes.S_IFDIR,
  symlink: modes.S_IFLNK,
  fifo: modes.S_IFIFO,
  char_device: modes.S_IFCHR,
  block_device: modes.S_IFBLK,
};

/** Compares entries with what is in their place. */
export class Existing {
  readonly #overwrite: Overwrite;
  readonly #directories: OpenDirectories;
  readonly #dryRun: boolean;
  readonly #stat = new modes.Stat();
  #buffer = new Uint8Array(0);

  constructor(overwrite: Overwrite, directories: OpenDirectories, { dryRun }: { readonly dryRun: boolean }) {
    this.#overwrite = overwrite;
    this.#dryRun = dryRun;
    this.#directories = directories;
  }

  /** Changes nothing. Throws `SystemError`, `CorruptionError`. */
  compare(entry: Entry): Action {
    if (this.#directories.isTarget(entry.path)) return { kind: "attributes" };
    const spot = this.#find(entry);
    if (spot === undefined) return { kind: "make" };
    if (this.#overwrite === "never") return { kind: "keep" };
    if (this.#stat.type !== TYPES[entry.kind]) return this.#ifReplaceable();
    if (this.#overwrite === "if-newer" && BigInt(this.#stat.mtime) >= BigInt(entry.mtime)) {
      return { kind: "keep" };
    }
    switch (entry.kind) {
      case "file":
        return this.#compareFile(spot, entry);
      case "symlink":
        return readLinkIn(spot.directory, spot.name) === entry.target
          ? this.#attributes(spot, entry)
          : REPLACE;
      case "directory":
      case "fifo":
        return this.#attributes(spot, entry);
      default:
        return this.#stat.device.join() === entry.device?.join() ? this.#attributes(spot, entry) : REPLACE;
    }
  }

  /** Another name of a file: whether `existing` and what is at its path are the same file already. */
  compareLink(entry: Entry): Action {
    const spot = this.#find(entry);
    if (spot === undefined) return { kind: "make" };
    const { inode, fileSystem } = this.#stat;
    const isFile = this.#stat.type !== modes.S_IFDIR;
    const first = this.#find({ path: entry.hardlink! });
    if (first !== undefined && this.#stat.inode === inode && this.#stat.fileSystem === fileSystem) {
      return { kind: "keep" };
    }
    if (this.#overwrite === "never") return { kind: "keep" };
    if (!isFile) throw new SystemError(EISDIR);
    return REPLACE;
  }

  /** Those of `parts` that the file at `path` does not have yet. */
  differing(path: Path, parts: readonly Part[]): Part[] {
    return this.#differingIn(this.#directories.spot(path), parts);
  }

  /** Removes what is in the place of an entry. */
  remove({ path }: Pick<Entry, "path">): void {
    const { directory, name } = this.#directories.spot(path);
    disk.removeFileIn(directory, name);
  }

  #find({ path }: Pick<Entry, "path">): Spot | undefined {
    try {
      const spot = this.#directories.spot(path);
      if (this.#stat.at(spot.directory, cString(spot.name))) return spot;
    } catch (error) {
      if (error instanceof SystemError && error.code === ENOENT) return undefined;
      throw error;
    }
    if (errno() === ENOENT) return undefined;
    throw new SystemError(errno());
  }

  /** A directory is no single entry: what is in it would be lost. */
  #ifReplaceable(): Action {
    if (this.#stat.type === modes.S_IFDIR) throw new SystemError(EISDIR);
    return REPLACE;
  }

  #compareFile(spot: Spot, entry: Entry): Action {
    const { size, mtime, linkCount } = this.#stat;
    const isSize = size === entry.size;
    if (this.#overwrite !== "always" && isSize && mtime === entry.mtime) return this.#withLinks(spot, entry);
    const hasHoles = this.#hasHolesOf(spot, entry);
    // What has other names, perhaps elsewhere, is not changed by this one; where holes were, anything may be now.
    const mayPatch = linkCount === 1 && hasHoles;
    if (entry.lists !== undefined && !this.#dryRun) return mayPatch ? this.#patch(spot, []) : REPLACE;
    const isRight = isSize && (hasHoles || this.#isEmpty(spot, entry.holes!));
    // Its chunks are compared when they are known.
    if (entry.lists !== undefined) return isRight ? { kind: "patch", parts: [] } : REPLACE;
    if (!isRight && !mayPatch) return REPLACE;
    const offsetOf = chunkOffsets(entry.holes ?? []);
    const parts = (entry.chunks ?? []).map((chunk) => ({ ...chunk, at: offsetOf(chunk.length) }));
    const differing = this.#differingIn(spot, parts);
    if (differing.length === 0 && isRight) return this.#withLinks(spot, entry);
    return mayPatch ? this.#patch(spot, differing) : REPLACE;
  }

  /** Of a file with the right contents: what has other names is not changed by this one. */
  #withLinks(spot: Spot, entry: Entry): Action {
    const action = this.#attributes(spot, entry);
    const isOthers = this.#stat.linkCount > 1 && !this.#dryRun;
    return action.kind === "attributes" && isOthers ? REPLACE : action;
  }

  #patch(spot: Spot, parts: readonly Part[]): Action {
    return this.#dryRun || mayWrite(spot) ? { kind: "patch", parts } : REPLACE;
  }

  /** Whether holes are where they are to be, so that there is nothing in them. */
  #hasHolesOf({ directory, name }: Spot, { holes, size }: Entry): boolean {
    if (holes === undefined) return true;
    const file = openFileIn(directory, scratchCString(name));
    try {
      const found = keepHoles(findHoles(file, size!));
      return found.join(";") === holes.join(";");
    } finally {
      closeFile(file);
    }
  }

  /** Whether there is nothing but zeros in these regions: not every file system has holes, or the same. */
  #isEmpty({ directory, name }: Spot, regions: readonly (readonly [number, number])[]): boolean {
    const file = openFileIn(directory, scratchCString(name));
    try {
      return regions.every(([offset, length]) => this.#hasZeros(file, offset, offset + length));
    } finally {
      closeFile(file);
    }
  }

  #hasZeros(file: number, from: number, to: number): boolean {
    for (let at = from; at < to; at += ZEROS_AT_ONCE) {
      const bytes = this.#bytes(Math.min(ZEROS_AT_ONCE, to - at));
      if (readAt(file, bytes, at) < bytes.length || bytes.some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  #differingIn({ directory, name }: Spot, parts: readonly Part[]): Part[] {
    const file = openFileIn(directory, scratchCString(name));
    try {
      return parts.filter((part) => !this.#has(file, part));
    } finally {
      closeFile(file);
    }
  }

  #has(file: number, { at, length, id }: Part): boolean {
    const bytes = this.#bytes(length);
    return readAt(file, bytes, at) === length && sha256Hex(bytes) === id;
  }

  /** So many, until the next call. */
  #bytes(length: number): Uint8Array<ArrayBuffer> {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    return this.#buffer.subarray(0, length);
  }

  #attributes({ directory, name }: Spot, entry: Entry): Action {
    const { uid, gid, mode, mtime, kind } = entry;
    const stat = this.#stat;
    const isMode = kind === "symlink" || (stat.mode & MODE_BITS) === mode;
    const isSame = stat.uid === uid && stat.gid === gid && isMode && stat.mtime === mtime &&
      hasXattrsOf(entry, readXattrsIn(directory, name, () => {}));
    return isSame ? { kind: "keep", isRight: true } : { kind: "attributes" };
  }
}

/** Whether it may be changed as it is, and need not be made again: not what its owner must not write, nor a program that runs. */
function mayWrite({ directory, name }: Spot): boolean {
  try {
    closeFile(disk.openFileIn(directory, name));
    return true;
  } catch (error) {
    if (mustNotBeWritten(error)) return false;
    throw error;
  }
}
