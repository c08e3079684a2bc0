import { CorruptionError } from "../../base/errors.ts";
import { isWithin, type Path } from "../../model/path.ts";
import {
  makeDirectoryIn,
  openBeneath,
  openSubdirectory,
  openSubdirectoryForReading,
} from "../../platform/beneath.ts";
import { EEXIST, ENAMETOOLONG, ENOENT } from "../../platform/libc.ts";
import { closeFile, SystemError } from "../../platform/read.ts";

/** Of the directories that stay open, those that were used last. */
const USED_LAST = 64;
/** While they are being filled directories are the restorer's alone. */
const PRIVATE_DIRECTORY = 0o700;

/** Where an entry is: its directory, open, and its name there. */
export interface Spot {
  readonly directory: number;
  readonly name: string;
}

/** What is at `from` in the snapshot goes to `to` below the target, and nothing else is restored. */
export interface Placement {
  readonly from: Path;
  readonly to: Path;
}

export interface DirectoriesOptions {
  readonly makesMissing?: boolean;
  readonly placement?: Placement;
}

/**
 * Directories of a restore, below one that was opened once and stays open. A directory is found by its name in an open one, and no link is
 * followed, so that whoever swaps a directory for a link cannot lead the restore elsewhere. Throws `SystemError`, and `CorruptionError`
 * for a path that none within a snapshot can be.
 */
export class OpenDirectories {
  readonly #root: number;
  readonly #makesMissing: boolean;
  readonly #placement: Placement | undefined;
  /** Used last, and the same of before. An order of all uses would have to be changed at each, which takes longer than to find one. */
  #open = new Map<Path, number>();
  #openBefore = new Map<Path, number>();
  /** Of them the one of the last use: neighbours come one after the other. */
  #last: { readonly path: Path; readonly fd: number } | undefined;

  /** `target` is an open directory, and stays the caller's. Without `makesMissing` a missing directory is an ENOENT. */
  constructor(target: number, { makesMissing = true, placement }: DirectoriesOptions = {}) {
    this.#root = target;
    this.#makesMissing = makesMissing;
    this.#placement = placement;
  }

  /** Whether `path` is that of the target itself. */
  isTarget(path: Path): boolean {
    return this.#place(path) === "/";
  }

  /** Where `path` is or may be made; directories above it that are missing are made. Valid until the next call. */
  spot(entryPath: Path): Spot {
    const path = this.#place(entryPath);
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    if (slash < 0 || !isName(name)) throw badPath();
    return { directory: this.#directory(path.slice(0, slash)), name };
  }

  /** As {@link spot}, for `name` in `directory`, a path without a slash at its end. */
  spotIn(directory: Path, name: string): Spot {
    if (this.#placement !== undefined) return this.spot(`${directory}/${name}`);
    if (!isName(name)) throw badPath();
    return { directory: this.#directory(directory), name };
  }

  /** Whether there is a directory at `path`; makes none. */
  has(path: Path): boolean {
    const place = this.#place(path);
    if (this.#openAt(place) !== undefined) return true;
    try {
      closeFile(this.#find(place, false));
      return true;
    } catch (error) {
      if (error instanceof SystemError && error.code === ENOENT) return false;
      throw error;
    }
  }

  /** The target, to set its attributes; the caller closes it. */
  openTarget(): number {
    return openSubdirectoryForReading(this.#root, ".");
  }

  close(): void {
    this.#closeOlder();
    this.#closeOlder();
    this.#last = undefined;
  }

  #place(path: Path): Path {
    if (this.#placement === undefined) return path;
    const { from, to } = this.#placement;
    if (!isWithin(path, from)) throw badPath();
    const rest = from === "/" ? path : path.slice(from.length);
    return to === "/" ? rest || "/" : to + (rest === "/" ? "" : rest);
  }

  /** `path` is "" for the target itself. */
  #directory(path: Path): number {
    if (path === "") return this.#root;
    if (path === this.#last?.path) return this.#last.fd;
    let fd = this.#open.get(path);
    if (fd === undefined) {
      fd = this.#openBefore.get(path);
      if (fd !== undefined) this.#openBefore.delete(path);
      else fd = this.#find(path);
      if (this.#open.size >= USED_LAST) this.#closeOlder();
      this.#open.set(path, fd);
    }
    this.#last = { path, fd };
    return fd;
  }

  #openAt(path: Path): number | undefined {
    return this.#open.get(path) ?? this.#openBefore.get(path);
  }

  #closeOlder(): void {
    for (const fd of this.#openBefore.values()) closeFile(fd);
    this.#openBefore = this.#open;
    this.#open = new Map();
  }

  #find(path: Path, makesMissing = this.#makesMissing): number {
    const slash = path.lastIndexOf("/");
    const parent = slash <= 0 ? undefined : this.#openAt(path.slice(0, slash));
    if (parent === undefined) return this.#findFromTarget(path, makesMissing);
    const name = path.slice(slash + 1);
    if (!isName(name)) throw badPath();
    return openOrMake(parent, name, makesMissing);
  }

  #findFromTarget(path: Path, makesMissing: boolean): number {
    const names = path.split("/").slice(1);
    if (path[0] !== "/" || !names.every(isName)) throw badPath();
    try {
      const fd = openBeneath(this.#root, path.slice(1));
      if (fd !== undefined) return fd;
    } catch (error) {
      // The way is too long for one call, or a part of it is missing.
      if (!(error instanceof SystemError && (error.code === ENOENT || error.code === ENAMETOOLONG))) {
        throw error;
      }
    }
    return this.#walk(names, makesMissing);
  }

  /** Name by name, making what is missing. */
  #walk(names: readonly string[], makesMissing: boolean): number {
    let parent = this.#root;
    for (const name of names) {
      let fd: number;
      try {
        fd = openOrMake(parent, name, makesMissing);
      } finally {
        if (parent !== this.#root) closeFile(parent);
      }
      parent = fd;
    }
    return parent;
  }
}

function openOrMake(parent: number, name: string, makesMissing: boolean): number {
  try {
    return openSubdirectory(parent, name);
  } catch (error) {
    if (!(makesMissing && error instanceof SystemError && error.code === ENOENT)) throw error;
  }
  try {
    makeDirectoryIn(parent, name, PRIVATE_DIRECTORY);
  } catch (error) {
    // Another thread was faster.
    if (!(error instanceof SystemError && error.code === EEXIST)) throw error;
  }
  return openSubdirectory(parent, name);
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("\0");
}

function badPath(): CorruptionError {
  return new CorruptionError("its path is none that a snapshot can have");
}
