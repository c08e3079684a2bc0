import type { Path } from "../../model/path.ts";
import { S_IFREG, type Stat } from "../../platform/stat.ts";

/** The first entry of a file that has several names. */
export interface LinkedFile {
  readonly path: Path;
  state: "reading" | "kept" | "failed";
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

  /** The file was read, or cannot be: its other names are told. */
  settle(stat: Stat, isLost: boolean): void {
    const linked = stat.linkCount > 1 ? this.#files.get(keyOf(stat)) : undefined;
    if (linked === undefined) return;
    linked.state = isLost ? "failed" : "kept";
    linked.waiting.splice(0).forEach((callback) => callback());
  }
}

function keyOf(stat: Stat): string {
  return `${stat.fileSystem}:${stat.inode}`;
}
