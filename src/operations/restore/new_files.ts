import { PRIVATE_FILE } from "../../platform/durable_file.ts";
import { c } from "../../platform/libc.ts";
import type { Stat } from "../../platform/stat.ts";
import { type Entry, MODE_BITS } from "../../model/entry.ts";
import type { Owners } from "./owners.ts";

/** All but what makes a program run as its owner, and the like. */
const PERMISSIONS = 0o777;
const OWNER_MAY_WRITE = 0o200;

/**
 * What the system makes of new files, in directories that this restore alone has made: all get the same owner, and those that are made with
 * the same mode the same one, whatever the umask and access lists say. So after the first of a kind a file need not be looked at, nor given its mode.
 */
export class NewFiles {
  readonly #owners: Owners;
  readonly #isRoot = c.geteuid() === 0;
  #owner: { readonly uid: number; readonly gid: number } | undefined;
  /** Whether they get rights from a default access list of their directory, which have to be taken away from each. */
  #getRights = false;
  /** Whether files have the mode that they were made with, where that is known. */
  readonly #keepsMode = new Map<number, boolean>();

  constructor(owners: Owners) {
    this.#owners = owners;
  }

  /** The mode to make a file with. Until it surely has the owner that it is to have, that is none but whoever restores. */
  modeFor(entry: Entry): number {
    const isGiven = !this.#getRights && this.#hasOwnerOf(entry) && this.#mayWrite(entry) &&
      this.#keepsMode.get(entry.mode) !== false;
    return isGiven ? entry.mode : PRIVATE_FILE;
  }

  /** Not every file system lets someone write to a file that he may not write to, just because he has made it. */
  #mayWrite({ mode }: Entry): boolean {
    return (mode & ~PERMISSIONS) === 0 && (this.#isRoot || (mode & OWNER_MAY_WRITE) !== 0);
  }

  /** Whether a file made with the mode of {@link modeFor} has owner and mode of the entry. */
  isRight(entry: Entry, mode: number): boolean {
    return !this.#getRights && mode === entry.mode && this.#hasOwnerOf(entry) &&
      this.#keepsMode.get(mode) === true;
  }

  /** What has come of a file that was made with `mode`, and whether it got rights. */
  learn({ uid, gid, mode: is }: Stat, mode: number, gotRights: boolean): void {
    this.#getRights ||= gotRights;
    this.#owner ??= { uid, gid };
    this.#keepsMode.set(mode, (is & MODE_BITS) === mode);
  }

  #hasOwnerOf(entry: Entry): boolean {
    if (this.#owner === undefined) return false;
    const owner = this.#owners.of(entry);
    return owner === undefined || owner.uid === this.#owner.uid && owner.gid === this.#owner.gid;
  }
}
