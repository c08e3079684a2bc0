import { FNV_START, hashPath } from "../model/page_cut.ts";
import { joinPath, type Path, sortKey } from "../model/path.ts";
import type { DirtyNode, DirtyTree } from "./dirty_tree.ts";
import { type Descent, Level, Levels, openLevel } from "./level.ts";
import { isInode, wasStamp } from "./stamp.ts";
import type { Visited, WalkOptions, WalkScope } from "./visited.ts";
import { descend, descentOf, newVisited, scopeOf, visitChild, walkBelow, walkRoots } from "./walk.ts";

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
 * A directory that is new, or another one than before, is walked in full.
 */
export function* walkChanges(
  roots: readonly Path[],
  dirty: DirtyTree,
  options: ChangeWalkOptions,
): Generator<Visited | Unseen> {
  const scope = scopeOf(roots, options);
  using levels = new Levels();
  const walk = new ChangeWalk(scope, options.knownStamp, levels);
  yield* walkRoots(scope, (root) => walk.below(root, descentOf(root), dirty.get(root.path)));
}

class ChangeWalk {
  readonly #scope: WalkScope;
  readonly #knownStamp: ChangeWalkOptions["knownStamp"];
  readonly #levels: Levels;

  constructor(scope: WalkScope, knownStamp: ChangeWalkOptions["knownStamp"], levels: Levels) {
    this.#scope = scope;
    this.#knownStamp = knownStamp;
    this.#levels = levels;
  }

  /** What is below the directory just visited. */
  below(directory: Visited, descent: Descent, node: DirtyNode | undefined): Iterable<Visited | Unseen> {
    const { path } = directory;
    if (descent.isWay) return this.#entries(directory, descent, node);
    if (!this.#isAsBefore(directory, node)) return walkBelow(directory, descent, this.#scope);
    if (node === undefined) return [{ from: keyBelow(path), to: keyAfter(path) }];
    return node.look === "directory" || this.#scope.roots.namesTowards(path).length > 0
      ? this.#entries(directory, descent, node)
      : this.#within(path, descent, node);
  }

  /** Whether the directory is the one that the last backup knows, with its subdirectories. */
  #isAsBefore({ path, stat }: Visited, node: DirtyNode | undefined): boolean {
    const known = this.#knownStamp(path);
    if (known === undefined || node?.look === "subtree") return false;
    return node?.look === "directory" ? isInode(stat.bytes, known) : wasStamp(stat.bytes, known);
  }

  *#entries(
    directory: Visited,
    descent: Descent,
    node: DirtyNode | undefined,
  ): Generator<Visited | Unseen> {
    const level = openLevel(directory, descent, this.#scope);
    if (level === undefined) return;
    this.#levels.push(level);
    for (const name of level.names) {
      yield* this.#entry(directory, level, name, node?.children.get(name));
    }
    this.#levels.pop();
  }

  *#entry(
    visited: Visited,
    level: Level,
    name: string,
    node: DirtyNode | undefined,
  ): Generator<Visited | Unseen> {
    if (!visitChild(visited, level, name, this.#scope)) return;
    const descent = descend(visited, level, this.#scope);
    yield visited;
    if (descent !== undefined) yield* this.below(visited, descent, node);
  }

  /** What is below a directory that is not dirty itself. */
  *#within(directory: Path, descent: Descent, node: DirtyNode): Generator<Visited | Unseen> {
    const from = yield* this.#spots(directory, descent, node, keyBelow(directory));
    yield { from, to: keyAfter(directory) };
  }

  /** What is dirty somewhere below such a directory, and what is unseen from key `from` up to it. The key from which the rest is unseen. */
  *#spots(
    path: Path,
    descent: Descent,
    node: DirtyNode,
    from: string,
  ): Generator<Visited | Unseen, string> {
    const names = [...node.children.keys()].sort();
    const { fileSystem } = descent;
    const level = Level.unopened({ path, hash: hashPath(FNV_START, path), names, fileSystem, isWay: false });
    this.#levels.push(level);
    for (const name of names) {
      const child = node.children.get(name)!;
      const childPath = joinPath(path, name);
      if (child.look === undefined) from = yield* this.#spots(childPath, descent, child, from);
      else {
        yield { from, to: sortKey(childPath) };
        yield* this.#entry(newVisited(), level, name, child);
        from = keyAfter(childPath);
      }
    }
    this.#levels.pop();
    return from;
  }
}
