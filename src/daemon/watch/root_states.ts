import type { Path } from "../../model/path.ts";
import { AT_FDCWD, cString } from "../../platform/libc.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import type { Area } from "./watcher.ts";

const GONE = "gone";

/**
 * What is at each root: of a directory which one, of anything else also its size and times. Comparing that at each interval finds
 * roots that appear, vanish, are replaced or mounted over, which no watch on the root itself can tell; a root that is a file
 * is not watched in any other way.
 */
export class RootStates {
  readonly #states = new Map<Path, string>();
  readonly #stat = new Stat();

  constructor(areas: readonly Area[]) {
    for (const root of new Set(areas.flatMap(({ roots }) => roots))) this.#states.set(root, GONE);
  }

  /** Remembers what is there now; gives the roots where it is something else than before. */
  compare(): Path[] {
    const changed: Path[] = [];
    for (const [root, before] of this.#states) {
      const now = this.#look(root);
      if (now === before) continue;
      this.#states.set(root, now);
      changed.push(root);
    }
    return changed;
  }

  all(): { readonly path: Path; readonly isThere: boolean; readonly isDirectory: boolean }[] {
    return [...this.#states].map(([path, state]) => ({
      path,
      isThere: state !== GONE,
      isDirectory: state.startsWith("directory"),
    }));
  }

  #look(root: Path): string {
    if (!this.#stat.at(AT_FDCWD, cString(root))) return GONE;
    const { fileSystem, inode, size, mtime, ctimeMs, type } = this.#stat;
    return type === S_IFDIR
      ? `directory ${fileSystem} ${inode}`
      : `other ${fileSystem} ${inode} ${size} ${mtime} ${ctimeMs}`;
  }
}
