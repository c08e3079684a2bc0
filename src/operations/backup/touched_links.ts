import type { Path } from "../../model/path.ts";
import { S_IFREG } from "../../platform/stat.ts";
import { type StampedEntry, stampOf } from "../../scan/page_stamps.ts";
import { inodeOf, isStamp } from "../../scan/stamp.ts";
import type { Visited } from "../../scan/visited.ts";
import type { KnownPages } from "./known_pages.ts";

/** A file of which a name was met that is new, has changed, or is gone. */
interface Touched {
  readonly names: Set<Path>;
  readonly gone: Set<Path>;
  /** Names that it has on its file system. */
  linkCount: number;
}

/**
 * Files with several names that a walk over changes has met otherwise than the last backup. A change shows in the directory of one name
 * only, and the first name has the contents: all of them have to be looked at.
 */
export class TouchedLinks {
  readonly #touched = new Map<bigint, Touched>();

  /** An entry was visited; `known` is what the last backup has at its path. */
  visited({ path, stat }: Visited, known: StampedEntry | undefined, wasLinked: boolean): void {
    if (known !== undefined && isStamp(stat.bytes, stampOf(known))) return;
    if (wasLinked) this.#touch(inodeOf(stampOf(known!))).gone.add(path);
    if (stat.type !== S_IFREG || stat.linkCount < 2) return;
    const touched = this.#touch(stat.inode);
    touched.names.add(path);
    touched.gone.delete(path);
    touched.linkCount = Math.max(touched.linkCount, stat.linkCount);
  }

  /** An entry of the last backup that is a name among several is not there any more. */
  gone(entry: StampedEntry): void {
    this.#touch(inodeOf(stampOf(entry))).gone.add(entry.path);
  }

  /** Their inodes. */
  get inodes(): ReadonlySet<bigint> {
    return new Set(this.#touched.keys());
  }

  /** All names that they have, or had in the last backup. */
  names(known: KnownPages): Path[] {
    for (const [inode, names] of known.namesOf(this.inodes)) this.#addNames(inode, names);
    const lacking = new Set([...this.inodes].filter((inode) => this.#lacksNames(inode)));
    if (lacking.size > 0) {
      for (const [inode, names] of known.allNamesOf(lacking)) this.#addNames(inode, names);
    }
    return [...this.#touched.values()].flatMap(({ names }) => [...names]);
  }

  #addNames(inode: bigint, names: readonly Path[]): void {
    for (const name of names) this.#touched.get(inode)!.names.add(name);
  }

  /** Whether there may be names that the last backup knows as the only ones of their files. */
  #lacksNames(inode: bigint): boolean {
    const { names, gone, linkCount } = this.#touched.get(inode)!;
    return linkCount > [...names].filter((name) => !gone.has(name)).length;
  }

  #touch(inode: bigint): Touched {
    let touched = this.#touched.get(inode);
    if (touched === undefined) {
      this.#touched.set(inode, touched = { names: new Set(), gone: new Set(), linkCount: 0 });
    }
    return touched;
  }
}
