import { sortKey } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";

/** The pages of a snapshot by number, in the order of entries. */
export interface PageList {
  readonly count: number;
  /** Throws `RangeError` where there is none of that number, and what reading the list throws. */
  at(number: number): Promise<PageRef>;
  /** The last page that begins at or before `key`, or the first one. */
  find(key: string): Promise<number>;
}

/** A list that is in memory. */
export class PagesInMemory implements PageList {
  readonly #pages: readonly PageRef[];
  readonly #keys: readonly string[];

  constructor(pages: readonly PageRef[]) {
    this.#pages = pages;
    this.#keys = pages.map(({ firstPath }) => sortKey(firstPath));
  }

  get count(): number {
    return this.#pages.length;
  }

  at(number: number): Promise<PageRef> {
    const page = this.#pages[number];
    return page === undefined ? Promise.reject(new RangeError(`No page ${number}`)) : Promise.resolve(page);
  }

  find(key: string): Promise<number> {
    return Promise.resolve(Math.max(0, firstAfter(this.#keys.length, (i) => this.#keys[i] > key) - 1));
  }
}

/** The first of `count` ascending things that is `after` what is looked for; `count` where none is. */
export function firstAfter(count: number, isAfter: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
