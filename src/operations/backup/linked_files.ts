import type { Path } from "../../model/path.ts";
import { S_IFREG, type Stat } from "../../platform/stat.ts";

/** A file that has several names, by the first of them that is, or may be, in the backup. */
export interface LinkedFile {
  path: Path;
  state: "reading" | "kept" | "failed";
  /** Called in the order of names when the first was read or lost. */
  readonly waiting: (() => void)[];
}

/** Files with several names, as a walk meets them. */
export class LinkedFiles {
  readonly #files = new Map<string, LinkedFile>();

  /** For a file with several names: the first of them in this walk, which is `path` where there was none before. */
  note(stat: Stat, path: Path): LinkedFile | undefined {
    if (stat.type !== S_IFREG || stat.linkCount < 2) return undefined;
    const key = keyOf(stat);
    let linked = this.#files.get(key);
    if (linked === undefined) this.#files.set(key, linked = { path, state: "kept", waiting: [] });
    return linked;
  }

  /** The first name was read, or is lost, also to another file: then one of the others may take its place. */
  settle(stat: Stat, isLost: boolean): void {
    const linked = stat.linkCount > 1 ? this.#files.get(keyOf(stat)) : undefined;
    if (linked === undefined) return;
    linked.state = isLost ? "failed" : "kept";
    linked.waiting.splice(0).forEach((callback) => callback());
  }
}

/** Whether both are looks at one file, which may have been written in between. */
export function isSameFile(one: Stat, other: Stat): boolean {
  return one.fileSystem === other.fileSystem && one.inode === other.inode &&
    one.birthTime === other.birthTime;
}

/** An inode is used again, by another file, as soon as its file is gone; that one was made at another time. */
function keyOf(stat: Stat): string {
  return `${stat.fileSystem}:${stat.inode}:${stat.birthTime ?? `${stat.size}:${stat.mtime}`}`;
}
