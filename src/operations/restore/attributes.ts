import type { Entry } from "../../model/entry.ts";
import { displayPath, type Path } from "../../model/path.ts";
import {
  removeFileXattr,
  removeXattrIn,
  setFileXattr,
  setModeIn,
  setOwnerIn,
  setTimeIn,
  setXattrIn,
} from "../../platform/beneath.ts";
import { SystemError } from "../../platform/read.ts";
import { setFileMode, setFileOwner, setFileTime } from "../../platform/write.ts";
import type { Stat } from "../../platform/stat.ts";
import { readFileXattrs, readXattrsIn, type Xattrs } from "../../platform/xattrs.ts";
import type { Spot } from "./open_directories.ts";
import type { Owners } from "./owners.ts";
import { rightsBeyond } from "./rights.ts";

/** Called where something of an entry could not be set, once for each kind of thing. */
export type OnNotSet = (what: string, path: Path, reason: string) => void;

const SET_ID_BITS = 0o6000;

/** What cannot be read cannot be removed either. */
const ignored = () => {};

/** Sets owners, modes, times and extended attributes. What cannot be set never costs the entry: it is said, and the rest goes on. */
export class Attributes {
  readonly #owners: Owners;
  readonly #onNotSet: OnNotSet;
  readonly #said = new Set<string>();

  constructor(owners: Owners, onNotSet: OnNotSet) {
    this.#owners = owners;
    this.#onNotSet = onNotSet;
  }

  /** Of an open file or directory, whose `stat` was taken since. Whether it had rights that the entry has not. */
  setOpen(fd: number, stat: Stat, entry: Entry): boolean {
    const isOwned = this.#own(entry, (uid, gid) => {
      // Nor does the kernel take set-user-id bits from what has its owner: the mode is set below in any case.
      if (stat.uid !== uid || stat.gid !== gid) setFileOwner(fd, uid, gid);
    });
    const found = readFileXattrs(fd, ignored);
    const hadMore = this.#removeRights(entry, found, (name) => removeFileXattr(fd, name));
    this.#setXattrs(entry, (name, value) => setFileXattr(fd, name, value));
    this.try("mode", entry, () => setFileMode(fd, this.#mode(entry, isOwned)));
    this.setTime(fd, entry);
    return hadMore;
  }

  /** Of an open file or directory that has all else. */
  setTime(fd: number, entry: Entry): void {
    this.try("time", entry, () => setFileTime(fd, entry.mtime));
  }

  /** Of a symlink, FIFO or device. */
  setNamed({ directory, name }: Spot, entry: Entry): void {
    const isOwned = this.#own(entry, (uid, gid) => setOwnerIn(directory, name, uid, gid));
    const found = entry.kind === "symlink" ? undefined : readXattrsIn(directory, name, ignored);
    this.#removeRights(entry, found, (attribute) => removeXattrIn(directory, name, attribute));
    this.#setXattrs(entry, (attribute, value) => setXattrIn(directory, name, attribute, value));
    if (entry.kind !== "symlink") {
      this.try("mode", entry, () => setModeIn(directory, name, this.#mode(entry, isOwned)));
    }
    this.try("time", entry, () => setTimeIn(directory, name, entry.mtime));
  }

  /** Whether `set` could do it; why not is said once for each `what`. */
  try(what: string, entry: Pick<Entry, "path">, set: () => void): boolean {
    try {
      set();
      return true;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (!this.#said.has(what)) this.#onNotSet(what, entry.path, error.message);
      this.#said.add(what);
      return false;
    }
  }

  #own(entry: Entry, set: (uid: number, gid: number) => void): boolean {
    const owner = this.#owners.of(entry);
    return owner !== undefined && this.try("owner", entry, () => set(owner.uid, owner.gid));
  }

  /** A program that runs as its owner must not run as another one. */
  #mode({ mode, kind }: Entry, isOwned: boolean): number {
    const keepsSetId = isOwned && (this.#owners.keepsSetId || kind === "directory");
    return keepsSetId ? mode : mode & ~SET_ID_BITS;
  }

  /** Before the mode is set: while there is an access list, a part of the mode is the mask of that. */
  #removeRights(entry: Entry, found: Xattrs, remove: (name: string) => void): boolean {
    const beyond = rightsBeyond(entry, found);
    for (const name of beyond) this.try(`absence of ${name}`, entry, () => remove(name));
    return beyond.length > 0;
  }

  #setXattrs(entry: Entry, set: (name: string, value: string) => void): void {
    for (const [name, value] of entry.xattrs ?? []) {
      this.try(`extended attribute ${displayPath(name)}`, entry, () => set(name, value));
    }
  }
}
