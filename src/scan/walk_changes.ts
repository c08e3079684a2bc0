import { FNV_START, hashPath } from "../model/page_cut.ts";
import { joinPath, type Path, sortKey } from "../model/path.ts";
import { AT_FDCWD } from "../platform/libc.ts";
import { Stat } from "../platform/stat.ts";
import type { DirtyNode, DirtyTree } from "./dirty_tree.ts";
import { isInode, wasStamp } from "./stamp.ts";
import {
  closeLevel,
  isWalked,
  openLevel,
  visitChild,
  type Visited,
  walkBelow,
  type WalkOptions,
  walkRoots,
} from "./walk.ts";

/** Entries that the last backup has from key `from` up to, but not including, key `to` are as they were. */
export interface Unseen {
  readonly from: string;
  readonly to: string;
}

export interface ChangeWalkOptions extends WalkOptions {
  /** The stamp that the last backup has for the entry just visited. */
  readonly knownStamp: (path: Path) => Uint8Array | undefined;
}

/** Key of whatever comes first below `path`; the entry itself is before it. */
const keyBelow = (path: Path) => sortKey(path) + "\0";
/** Above the key of all below `path`. */
const keyAfter = (path: Path) => sortKey(path) + "\x01";

/**
 * As `walk`, but of what is not dirty it only says that it is as it was. What it neither visits nor says that of is not there any more.
 * A directory that is new, or another one than before, is walked wholly.
 */
export function walkChanges(
  roots: readonly Path[],
  dirty: DirtyTree,
  options: ChangeWalkOptions,
): Generator<Visited | Unseen> {
  return walkRoots(roots, options, (root) => {
    const walk = new ChangeWalk(root.stat.fileSystem, options);
    return walk.below(root, dirty.get(root.path), 0);
  });
}

/** The walk below one root. */
class ChangeWalk {
  readonly #fileSystem: number;
  readonly #options: ChangeWalkOptions;

  constructor(fileSystem: number, options: ChangeWalkOptions) {
    this.#fileSystem = fileSystem;
    this.#options = options;
  }

  /** What is below the directory just visited. */
  below(directory: Visited, node: DirtyNode | undefined, depth: number): Iterable<Visited | Unseen> {
    const { path } = directory;
    if (!this.#isAsBefore(directory, node)) return walkBelow(directory, this.#fileSystem, this.#options);
    if (node === undefined) return [{ from: keyBelow(path), to: keyAfter(path) }];
    return node.look === "directory"
      ? this.#entries(directory, node, depth)
      : this.#within(path, node, depth);
  }

  /** Whether the directory is the one that the last backup knows, with its subdirectories. */
  #isAsBefore({ path, stat }: Visited, node: DirtyNode | undefined): boolean {
    const known = this.#options.knownStamp(path);
    if (known === undefined || node?.look === "subtree") return false;
    return node?.look === "directory" ? isInode(stat.bytes, known) : wasStamp(stat.bytes, known);
  }

  *#entries(directory: Visited, node: DirtyNode, depth: number): Generator<Visited | Unseen> {
    const level = openLevel(AT_FDCWD, directory, depth, this.#options);
    if (level === undefined) return;
    try {
      for (const name of level.names) {
        if (visitChild(directory, level, name, this.#options)) {
          yield* this.#visited(directory, node.children.get(name), depth);
        }
      }
    } finally {
      closeLevel(level);
    }
  }

  *#visited(visited: Visited, node: DirtyNode | undefined, depth: number): Generator<Visited | Unseen> {
    const descends = isWalked(visited, this.#fileSystem, this.#options);
    yield visited;
    if (descends) yield* this.below(visited, node, depth + 1);
  }

  /** What is below a directory that is not dirty itself. */
  *#within(directory: Path, node: DirtyNode, depth: number): Generator<Visited | Unseen> {
    const from = yield* this.#spots(directory, node, depth, keyBelow(directory));
    yield { from, to: keyAfter(directory) };
  }

  /** What is dirty somewhere below such a directory, and what is unseen from key `from` up to it. The key from which the rest is unseen. */
  *#spots(
    directory: Path,
    node: DirtyNode,
    depth: number,
    from: string,
  ): Generator<Visited | Unseen, string> {
    for (const name of [...node.children.keys()].sort()) {
      const child = node.children.get(name)!;
      const path = joinPath(directory, name);
      if (child.look === undefined) from = yield* this.#spots(path, child, depth + 1, from);
      else {
        yield { from, to: sortKey(path) };
        yield* this.#spot(directory, name, child, depth);
        from = keyAfter(path);
      }
    }
    return from;
  }

  *#spot(directory: Path, name: string, node: DirtyNode, depth: number): Generator<Visited | Unseen> {
    const visited: Visited = { path: "", name: "", parentLength: 0, hash: 0, stat: new Stat() };
    const level = {
      fd: AT_FDCWD,
      path: directory,
      hash: hashPath(FNV_START, directory),
      names: [name],
      next: 0,
    };
    if (visitChild(visited, level, name, this.#options)) yield* this.#visited(visited, node, depth);
  }
}
