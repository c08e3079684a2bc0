import { isWithin, type Path } from "../model/path.ts";

/** More dirty directories than this below one root are that whole root: looking at all of it then costs hardly more. */
export const DIRECTORIES_MAX = 20_000;

/** What a run has to look at; given back to {@link DirtySet} when the run fails. */
export interface Taken {
  /** A full scan: nothing is known. */
  readonly everything: boolean;
  /** Directories of which the directory itself or something directly in it may have changed. */
  readonly directories: readonly Path[];
  /** Paths that may have changed with all below them. */
  readonly subtrees: readonly Path[];
  readonly count: number;
}

/**
 * What may have changed in one snapshot's paths since its last run, folded: a directory is held once however often it changes, not at
 * all within a dirty subtree, and a flood collapses to the root. Quiet changes are held like any other but are no reason for a run.
 */
export class DirtySet {
  readonly #roots: readonly Path[];
  /** Whether each is a reason for a run. */
  readonly #directories = new Map<Path, boolean>();
  readonly #subtrees = new Map<Path, boolean>();
  #everything = false;

  constructor(roots: readonly Path[]) {
    this.#roots = roots;
  }

  /** How many reasons for a run there are. */
  get count(): number {
    let count = this.#everything ? 1 : 0;
    for (const changes of [this.#directories, this.#subtrees]) {
      for (const isReason of changes.values()) if (isReason) count++;
    }
    return count;
  }

  get directories(): number {
    return this.#directories.size;
  }

  get subtrees(): number {
    return this.#subtrees.size;
  }

  /** Whether the next run is a full scan. */
  get everything(): boolean {
    return this.#everything;
  }

  addDirectory(path: Path, { isQuiet = false } = {}): void {
    if (this.#everything) return;
    note(this.#directories, path, !isQuiet);
    if (this.#directories.size > DIRECTORIES_MAX) this.#collapse();
  }

  addSubtree(path: Path, { isQuiet = false } = {}): void {
    if (this.#everything) return;
    note(this.#subtrees, path, !isQuiet);
    if (this.#subtrees.size > DIRECTORIES_MAX) this.#collapse();
  }

  addEverything(): void {
    this.#everything = true;
    this.#directories.clear();
    this.#subtrees.clear();
  }

  /** All changes so far; from here on there are none. */
  take(): Taken {
    const { count, everything } = this;
    const subtrees = outermost(this.#subtrees.keys());
    const directories = [...this.#directories.keys()].filter((path) => !isBelowAny(path, subtrees));
    this.#everything = false;
    this.#directories.clear();
    this.#subtrees.clear();
    return { everything, directories, subtrees: [...subtrees], count };
  }

  /** After a run that failed. */
  putBack(taken: Taken): void {
    if (taken.everything) return this.addEverything();
    for (const path of taken.directories) this.addDirectory(path);
    for (const path of taken.subtrees) this.addSubtree(path);
  }

  /** Makes one dirty subtree of the root that has the most in it. */
  #collapse(): void {
    const counts = new Map(this.#roots.map((root) => [root, 0]));
    for (const path of [...this.#directories.keys(), ...this.#subtrees.keys()]) {
      const root = this.#roots.find((root) => isWithin(path, root));
      if (root !== undefined) counts.set(root, counts.get(root)! + 1);
    }
    const [root] = [...counts].reduce((most, other) => (other[1] > most[1] ? other : most));
    let isReason = false;
    for (const changes of [this.#directories, this.#subtrees]) {
      for (const [path, reason] of changes) {
        if (!isWithin(path, root)) continue;
        isReason ||= reason;
        changes.delete(path);
      }
    }
    note(this.#subtrees, root, isReason);
  }
}

function note(changes: Map<Path, boolean>, path: Path, isReason: boolean): void {
  if (isReason || !changes.has(path)) changes.set(path, isReason);
}

/** Without paths that are within others. */
function outermost(paths: Iterable<Path>): Set<Path> {
  const kept = new Set<Path>();
  for (const path of [...paths].sort((a, b) => a.length - b.length)) {
    if (!isBelowAny(path, kept)) kept.add(path);
  }
  return kept;
}

/** Whether `path` or a directory above it is in `subtrees`. */
function isBelowAny(path: Path, subtrees: ReadonlySet<Path>): boolean {
  if (subtrees.size === 0) return false;
  if (subtrees.has(path) || subtrees.has("/")) return true;
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    if (subtrees.has(path.slice(0, slash))) return true;
  }
  return false;
}
