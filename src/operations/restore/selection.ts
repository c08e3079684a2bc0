import { isWithin, type Path, sortKey } from "../../model/path.ts";
import type { PageRef } from "../../model/snapshot.ts";

/** Which entries of a snapshot are wanted: all, or those at and below some paths, with the directories above them. */
export class Selection {
  readonly #paths: readonly Path[];

  constructor(paths: readonly Path[]) {
    this.#paths = paths;
  }

  /** Whether the entry at `path` is wanted for itself. */
  has(path: Path): boolean {
    return this.#paths.length === 0 || this.#paths.some((wanted) => isWithin(path, wanted));
  }

  /** Whether the directory at `path` is wanted because something below it is. */
  isAbove(path: Path): boolean {
    return this.#paths.some((wanted) => isWithin(wanted, path));
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

/** The pages that may hold wanted entries. */
export async function* selectPages(
  pages: AsyncIterable<PageRef>,
  selection: Selection,
): AsyncGenerator<PageRef> {
  let last: PageRef | undefined;
  for await (const page of pages) {
    if (last !== undefined && selection.touches(last.firstPath, page.firstPath)) yield last;
    last = page;
  }
  if (last !== undefined && selection.touches(last.firstPath, undefined)) yield last;
}

function directoriesAbove(path: Path): Path[] {
  const above: Path[] = [];
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    above.push(path.slice(0, end));
  }
  return above;
}
