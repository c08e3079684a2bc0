import { isWithin, parentOf, type Path, sortKey } from "../model/path.ts";

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
