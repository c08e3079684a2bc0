import { isAfter, type Path } from "./path.ts";

/** What is wrong with an entry that {@link PageOrder} refuses. */
export const OUT_OF_ORDER = "it is out of order, or there twice";

/** Whether the paths of a page come one after the other, and within its range. */
export class PageOrder {
  readonly #first: Path;
  readonly #next: Path | undefined;
  #last: Path | undefined;

  /** The page begins at `first`, and the one after it at `next`, where that is known. */
  constructor(first: Path, next: Path | undefined) {
    this.#first = first;
    this.#next = next;
  }

  /** Whether the path comes after those before it, and before the next page; it counts as the last one from now on. */
  takes(path: Path): boolean {
    const isAfterLast = this.#last === undefined ? !isAfter(this.#first, path) : isAfter(path, this.#last);
    const isInOrder = isAfterLast && (this.#next === undefined || isAfter(this.#next, path));
    if (isInOrder) this.#last = path;
    return isInOrder;
  }
}
