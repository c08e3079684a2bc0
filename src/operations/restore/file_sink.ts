import { EnvironmentError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, parentOf, type Path } from "../../model/path.ts";
import {
  AT_FDCWD,
  cString,
  EACCES,
  EDQUOT,
  EEXIST,
  EIO,
  ENOSPC,
  EOPNOTSUPP,
  EPERM,
  EROFS,
} from "../../platform/libc.ts";
import { closeFile, SystemError } from "../../platform/read.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import * as disk from "../../platform/write.ts";

/** Told where something of an entry could not be set, once a kind of thing. */
export type OnNotSet = (what: string, path: Path, reason: string) => void;

/** While they are being filled directories are the restorer's alone. */
const PRIVATE_DIRECTORY = 0o700;
const SET_ID_BITS = 0o6000;
/** Files that are open between two of their chunks. */
const OPEN_FILES = 64;
/** Directories remembered as made or seen. */
const KNOWN_DIRECTORIES = 50_000;

/** What this user may not set, or this file system does not have. */
const REFUSALS = new Set([EPERM, EACCES, EOPNOTSUPP]);
/** Errors that are not about one file: the target as a whole cannot take more. */
const FATAL = new Set([ENOSPC, EDQUOT, EROFS, EIO]);

/**
 * Writes entries below a target directory. Nothing is written through a symbolic link: whoever can encrypt to our key could
 * make a snapshot that tries. Throws `EnvironmentError` where the target cannot take more, `SystemError` for one entry.
 */
export class FileSink {
  readonly #target: Path;
  readonly #onNotSet: OnNotSet;
  readonly #told = new Set<string>();
  readonly #directories = new Set<Path>();
  readonly #open = new Map<Path, number>();
  readonly #created = new Set<Path>();
  readonly #stat = new Stat();

  /** `target` exists. */
  constructor(target: Path, onNotSet: OnNotSet) {
    this.#target = target;
    this.#onNotSet = onNotSet;
  }

  #at(path: Path): Path {
    return path === "/" ? this.#target : this.#target + path;
  }

  /** Makes the directory if it is not there; {@link finishDirectory} gives it its attributes. */
  makeDirectory(path: Path): void {
    if (path === "/" || this.#directories.has(path)) return;
    this.#checkName(path);
    this.makeDirectory(parentOf(path));
    this.#guard(path, () => {
      try {
        disk.makeDirectory(this.#at(path), PRIVATE_DIRECTORY);
      } catch (error) {
        if (!(error instanceof SystemError && error.code === EEXIST && this.#isDirectory(path))) throw error;
      }
    });
    if (this.#directories.size >= KNOWN_DIRECTORIES) this.#directories.clear();
    this.#directories.add(path);
  }

  /** Makes a symlink, FIFO or device with all its attributes; false for a device that this user may not make. */
  makeSpecial(entry: Entry): boolean {
    this.makeDirectory(parentOf(entry.path));
    this.#checkName(entry.path);
    let isMade = true;
    this.#guard(entry.path, () => {
      const path = this.#at(entry.path);
      const make = () => disk.makeNode(path, entry.kind as "fifo", entry.device ?? [0, 0]);
      if (entry.kind === "symlink") disk.makeSymlink(path, entry.target!);
      else isMade = this.#try("device", entry, make);
      if (isMade) this.#setAttributes(entry);
    });
    return isMade;
  }

  /** Writes a run of the file's bytes, making the file at the first. */
  write(entry: Entry, offset: number, bytes: Uint8Array): void {
    this.#guard(entry.path, () => {
      disk.writeAt(this.#fd(entry.path), bytes as Uint8Array<ArrayBuffer>, offset);
    });
  }

  /** Makes the file with its full size, for writers on several threads. */
  allocate(entry: Entry): void {
    this.#guard(entry.path, () => disk.setSize(this.#fd(entry.path), entry.size!));
    this.release(entry.path);
  }

  /** The file is there already: another thread made it. */
  adopt(path: Path): void {
    this.#created.add(path);
  }

  /** All of the file's bytes are written. */
  finishFile(entry: Entry): void {
    this.#guard(entry.path, () => {
      const fd = this.#fd(entry.path);
      if (entry.holes !== undefined) disk.setSize(fd, entry.size!);
      this.#setFileAttributes(fd, entry);
    });
    this.release(entry.path);
    this.#created.delete(entry.path);
  }

  /** Removes a file that cannot be made whole. */
  discardFile(path: Path): void {
    this.release(path);
    if (!this.#created.delete(path)) return;
    this.#guard(path, () => disk.removeFile(this.#at(path)));
  }

  release(path: Path): void {
    const fd = this.#open.get(path);
    if (fd === undefined) return;
    this.#open.delete(path);
    closeFile(fd);
  }

  link(path: Path, existing: Path): void {
    this.makeDirectory(parentOf(path));
    this.#checkName(path);
    this.#checkName(existing);
    this.makeDirectory(parentOf(existing));
    this.#guard(path, () => disk.makeHardlink(this.#at(path), this.#at(existing)));
  }

  /** Gives a directory its attributes; children come before parents. */
  finishDirectory(entry: Entry): void {
    this.#guard(entry.path, () => this.#setAttributes(entry));
  }

  #fd(path: Path): number {
    let fd = this.#open.get(path);
    if (fd !== undefined) return fd;
    if (this.#created.has(path)) fd = disk.openForWriting(this.#at(path));
    else {
      this.#checkName(path);
      this.makeDirectory(parentOf(path));
      fd = disk.createFile(this.#at(path));
      this.#created.add(path);
    }
    if (this.#open.size >= OPEN_FILES) this.release(this.#open.keys().next().value!);
    this.#open.set(path, fd);
    return fd;
  }

  #isDirectory(path: Path): boolean {
    return this.#stat.at(AT_FDCWD, cString(this.#at(path))) && this.#stat.type === S_IFDIR;
  }

  #checkName(path: Path): void {
    const parts = path.split("/");
    if (parts[0] === "" && parts.slice(1).every((part) => part !== "" && part !== "." && part !== "..")) {
      return;
    }
    throw new EnvironmentError(`Cannot restore "${displayPath(path)}": it is no path within a snapshot`);
  }

  #setFileAttributes(fd: number, entry: Entry): void {
    const owned = this.#try("owner", entry, () => disk.setFileOwner(fd, entry.uid, entry.gid));
    this.#setXattrs(entry);
    this.#try("mode", entry, () => disk.setFileMode(fd, owned ? entry.mode : entry.mode & ~SET_ID_BITS));
    this.#try("time", entry, () => disk.setFileTime(fd, entry.mtime));
  }

  #setAttributes(entry: Entry): void {
    const path = this.#at(entry.path);
    const owned = this.#try("owner", entry, () => disk.setOwner(path, entry.uid, entry.gid));
    this.#setXattrs(entry);
    if (entry.kind !== "symlink") {
      this.#try("mode", entry, () => disk.setMode(path, owned ? entry.mode : entry.mode & ~SET_ID_BITS));
    }
    this.#try("time", entry, () => disk.setTime(path, entry.mtime));
  }

  #setXattrs(entry: Entry): void {
    for (const [name, value] of entry.xattrs ?? []) {
      const set = () => disk.setXattr(this.#at(entry.path), name, value);
      this.#try(`extended attribute ${displayPath(name)}`, entry, set);
    }
  }

  /** What this user or this file system cannot have is told of once, and the rest goes on. */
  #try(what: string, entry: Entry, set: () => void): boolean {
    try {
      set();
      return true;
    } catch (error) {
      if (!(error instanceof SystemError) || !REFUSALS.has(error.code)) throw error;
      if (!this.#told.has(what)) this.#onNotSet(what, entry.path, error.message);
      this.#told.add(what);
      return false;
    }
  }

  #guard(path: Path, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SystemError) || !FATAL.has(error.code)) throw error;
      throw new EnvironmentError(`Cannot write "${displayPath(this.#at(path))}": ${error.message}`, {
        cause: error,
      });
    }
  }
}
