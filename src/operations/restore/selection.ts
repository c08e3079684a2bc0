import { directoriesAbove, isWithin, parentOf, type Path, sortKey } from "../../model/path.ts";
import { compileExcludes, type IsExcluded } from "../../scan/exclude.ts";
import type { PageRef } from "../../model/page_refs.ts";
import type { ChooseRefs, SnapshotPages } from "../../read/snapshot_pages.ts";

/** What to restore of a snapshot. */
export interface SelectionOptions {
  /** What is at and below these; none means all. */
  readonly paths: readonly Path[];
  /** Of that, what these patterns match, with all below it; none means all. As in `exclude` of the configuration. */
  readonly include?: readonly string[];
  /** But not what these match, with all below it. */
  readonly exclude?: readonly string[];
}

/** Directories of which it is remembered what patterns say. */
const REMEMBERED = 10_000;

/** Which entries of a snapshot are wanted, with the directories above them. */
export class Selection {
  readonly #paths: readonly Path[];
  readonly #isIncluded: (path: Path, isDirectory: boolean) => boolean;
  readonly #isExcluded: (path: Path, isDirectory: boolean) => boolean;
  readonly #hasIncludes: boolean;

  constructor({ paths, include = [], exclude = [] }: SelectionOptions) {
    this.#paths = paths;
    this.#hasIncludes = include.length > 0;
    this.#isIncluded = this.#hasIncludes ? withParents(compileExcludes(include)) : () => true;
    this.#isExcluded = exclude.length > 0 ? withParents(compileExcludes(exclude)) : () => false;
  }

  /** Whether the entry at `path` is wanted for itself. */
  has(path: Path, isDirectory = false): boolean {
    const isBelow = this.#paths.length === 0 || this.#paths.some((wanted) => isWithin(path, wanted));
    return isBelow && this.#isIncluded(path, isDirectory) && !this.#isExcluded(path, isDirectory);
  }

  /** Whether the directory at `path` is wanted if something below it is. */
  isAbove(path: Path): boolean {
    if (this.#hasIncludes && !this.#isExcluded(path, true)) return true;
    return this.#paths.some((wanted) => isWithin(wanted, path));
  }

  /** Whether {@link isAbove} does not know if something below is wanted. */
  get isUncertain(): boolean {
    return this.#hasIncludes;
  }

  /** Whether a page from `first` to before `end` (the last page: `undefined`) may hold wanted entries. */
  touches(first: Path, end: Path | undefined): boolean {
    if (this.#paths.length === 0) return true;
    const [firstKey, endKey] = [sortKey(first), end === undefined ? undefined : sortKey(end)];
    return this.#paths.some((wanted) => this.#touches(wanted, firstKey, endKey));
  }

  /** Whether a page with the keys from `first` to before `end` may hold `wanted`, something below it, or a directory above it. */
  #touches(wanted: Path, first: string, end: string | undefined): boolean {
    if (wanted === "/") return true;
    const isBeforeEnd = (key: string) => end === undefined || key < end;
    const key = sortKey(wanted);
    const subtreeEnd = key + "\x01";
    if (first < subtreeEnd && isBeforeEnd(key)) return true;
    return directoriesAbove(wanted).some((path) => first <= sortKey(path) && isBeforeEnd(sortKey(path)));
  }
}

/** Whether the patterns match an entry or a directory above it. */
function withParents(matches: IsExcluded): IsExcluded {
  const known = new Map<Path, boolean>();
  const matchesDirectory = (path: Path): boolean => {
    if (path === "/") return false;
    let isMatch = known.get(path);
    if (isMatch === undefined) {
      isMatch = matches(path, true) || matchesDirectory(parentOf(path));
      if (known.size >= REMEMBERED) known.clear();
      known.set(path, isMatch);
    }
    return isMatch;
  };
  return (path, isDirectory) => matches(path, isDirectory) || matchesDirectory(parentOf(path));
}

/** The pages of `refs` that may hold wanted entries; of lists of pages likewise. */
export function chooseRefs(selection: Selection): ChooseRefs {
  return (refs, end) =>
    refs.filter(({ firstPath }, i) => selection.touches(firstPath, refs[i + 1]?.firstPath ?? end));
}

/** The pages of a snapshot that may hold wanted entries; `onDamage` takes lists that cannot be read, whose error is thrown otherwise. */
export async function* selectPages(
  pages: SnapshotPages,
  selection: Selection,
  onDamage?: (list: PageRef, error: Error) => void,
): AsyncGenerator<PageRef> {
  for await (const some of pages.each(chooseRefs(selection), onDamage)) yield* some;
}
