import { isWithin, joinPath, parentOf, type Path, sortKey } from "../model/path.ts";
import { ELOOP } from "../platform/libc.ts";
import { SystemError } from "../platform/read.ts";

const byKey = (a: Path, b: Path) => (sortKey(a) < sortKey(b) ? -1 : 1);

/** Without roots that are within other roots, in the order of entries. */
export function outermost(roots: readonly Path[]): Path[] {
  const sorted = [...new Set(roots)].sort(byKey);
  return sorted.filter((root) => !sorted.some((other) => other !== root && isWithin(root, other)));
}

/** The roots of a walk. Those within others are reached whatever lies between: a mount, an exclude, a cache. */
export class Roots {
  /** In the order of entries. */
  readonly outermost: readonly Path[];
  readonly #inner = new Set<Path>();
  /** Names of entries in a directory that are inner roots, or on the way to one. */
  readonly #towards = new Map<Path, Set<string>>();

  constructor(roots: readonly Path[]) {
    this.outermost = outermost(roots);
    for (const root of roots) {
      const outer = this.outermost.find((outer) => isWithin(root, outer))!;
      if (root === outer) continue;
      this.#inner.add(root);
      for (let path = root; path !== outer; path = parentOf(path)) this.#lead(path);
    }
  }

  isInner(path: Path): boolean {
    return this.#inner.size > 0 && this.#inner.has(path);
  }

  /** Whether `path` is an inner root, or a directory above one. */
  leadsToInner(path: Path): boolean {
    return this.#inner.size > 0 && (this.#inner.has(path) || this.#towards.has(path));
  }

  /** In their order; none where no inner root is below the directory. */
  namesTowards(directory: Path): string[] {
    return [...this.#towards.get(directory) ?? []].sort();
  }

  #lead(path: Path): void {
    const parent = parentOf(path);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const names = this.#towards.get(parent);
    if (names === undefined) this.#towards.set(parent, new Set([name]));
    else names.add(name);
  }
}

/** A link at `path`, of which `uid` is the owner, that points to `target`. */
export interface Link {
  readonly target: string;
  readonly uid: number;
}

/** Where a configured path leads. */
export interface Place {
  /** The links on the way, and where the last of them leads; without links the path itself. */
  readonly links: readonly Path[];
  readonly path: Path;
}

/** As many as the kernel follows. */
const LINKS_MAX = 40;

/** A link on the way to a root that is not to be followed. */
export class ForeignLinkError extends Error {
  constructor(readonly path: Path) {
    super("a link of another user is on the way to it, which is not followed");
  }
}

/**
 * Follows the links on the way to `path` and at its end; `linkAt` tells what link is at a path, if one is. Throws `SystemError` where links
 * lead round in circles, and `ForeignLinkError` for a link of another user than root and `uid`, which might lead anywhere at any time.
 */
export function resolveRoot(path: Path, uid: number, linkAt: (path: Path) => Link | undefined): Place {
  const links: Path[] = [];
  const names = path.split("/");
  let at: Path = "/";
  while (names.length > 0) {
    const name = names.shift()!;
    if (name === "" || name === ".") continue;
    const next = name === ".." ? parentOf(at) : joinPath(at, name);
    const link = name === ".." ? undefined : linkAt(next);
    if (link === undefined) at = next;
    else {
      if (link.uid !== 0 && link.uid !== uid) throw new ForeignLinkError(next);
      if (links.push(next) > LINKS_MAX) throw new SystemError(ELOOP);
      names.unshift(...link.target.split("/"));
      if (link.target.startsWith("/")) at = "/";
    }
  }
  return { links, path: at };
}
