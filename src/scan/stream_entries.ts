import { FNV_START, hashPath } from "../model/page_cut.ts";
import { displayPath, isWithin, parentOf, type Path, sortKey } from "../model/path.ts";
import { effectiveGroup, effectiveUser } from "../platform/owners.ts";
import { S_IFDIR, S_IFREG, type Stat } from "../platform/stat.ts";
import type { IsExcluded } from "./exclude.ts";
import type { Visited } from "./visited.ts";
import { newVisited } from "./walk.ts";

const FILE_MODE = S_IFREG | 0o600;
const DIRECTORY_MODE = S_IFDIR | 0o755;

/** What a walk over changes says of entries that it does not visit. */
interface Range {
  readonly from: string;
}

/**
 * Entries that are in a snapshot without being in the file system: files that are streams, and the directories above them, where a walk
 * meets none. They belong to who makes the backup.
 */
export class StreamEntries {
  /** Number of the stream by path. */
  readonly #streams: ReadonlyMap<Path, number>;
  readonly #directories = new Set<Path>();
  readonly #timeMs: number;

  /**
   * `timeMs`: their times. Another time than in the last backup makes them changed. `others` are paths of a backup above which directories
   * may be missing as well.
   */
  constructor(paths: readonly Path[], timeMs: number, others: readonly Path[] = []) {
    this.#streams = new Map(paths.map((path, i) => [path, i]));
    this.#timeMs = timeMs;
    for (const path of [...paths, ...others]) {
      for (let above = parentOf(path); above !== "/"; above = parentOf(above)) this.#directories.add(above);
    }
  }

  get size(): number {
    return this.#streams.size + this.#directories.size;
  }

  /** Of all entries, also of directories that the file system may have. */
  get paths(): Path[] {
    return [...this.#streams.keys(), ...this.#directories];
  }

  /** Which stream has the contents of the file at `path`. */
  numberOf(path: Path): number | undefined {
    return this.size === 0 ? undefined : this.#streams.get(path);
  }

  /** What is at the place of a stream, or below it, gives way. */
  excludedBeside(isExcluded: IsExcluded): IsExcluded {
    if (this.size === 0) return isExcluded;
    return (path, isDirectory) => this.#streams.has(path) || isExcluded(path, isDirectory);
  }

  /** Whether this is a directory that only the snapshot has. */
  isMade(path: Path, { inode }: Stat): boolean {
    return inode === 0n && this.#directories.has(path);
  }

  /**
   * Passes on the steps of a walk, with these entries at their places. A directory that the walk meets is not made; a stream below what is
   * no directory has no place, and is refused.
   */
  *among<Step extends Visited | Range>(
    steps: Iterable<Step>,
    onRefused: (path: Path, reason: string) => void,
  ): Generator<Step | Visited> {
    const waiting = this.paths.map((path) => ({ path, key: sortKey(path) }));
    waiting.sort((a, b) => (a.key < b.key ? 1 : -1));
    let blocked: Path | undefined;
    const takeTo = (key: string): Visited[] => {
      const taken: Visited[] = [];
      while (waiting.length > 0 && waiting.at(-1)!.key < key) {
        const { path } = waiting.pop()!;
        if (blocked === undefined || !isWithin(path, blocked)) taken.push(this.#visited(path));
        else if (this.#streams.has(path)) onRefused(path, `"${displayPath(blocked)}" is no directory`);
      }
      return taken;
    };
    for (const step of steps) {
      yield* takeTo("from" in step ? step.from : sortKey(step.path));
      if ("stat" in step && waiting.at(-1)?.path === step.path) {
        waiting.pop();
        if (step.stat.type !== S_IFDIR) blocked = step.path;
      }
      yield step;
    }
    yield* takeTo("\x01");
  }

  #visited(path: Path): Visited {
    const visited = newVisited();
    visited.path = visited.name = path;
    visited.hash = hashPath(FNV_START, path);
    visited.stat.make({
      mode: this.#streams.has(path) ? FILE_MODE : DIRECTORY_MODE,
      uid: effectiveUser(),
      gid: effectiveGroup(),
      timeMs: this.#timeMs,
    });
    return visited;
  }
}
