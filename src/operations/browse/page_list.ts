import { CorruptionError } from "../../base/errors.ts";
import { LruCache } from "../../base/lru.ts";
import { sortKey } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";

/** The pages of a snapshot by number, in the order of entries. */
export interface PageList {
  readonly count: number;
  /** Throws `RangeError` where there is none of that number, and what reading the list throws. */
  at(number: number): Promise<PageRef>;
  /** The last page that begins at or before `key`, or the first one. Throws what reading the list throws. */
  find(key: string): Promise<number>;
}

/** Lists of pages that are kept; each has 16 pages on average. */
const LISTS_KEPT = 256;

/** Pages that are in lists, each read when it is asked for, and those behind all lists. */
export class PagesInLists implements PageList {
  readonly #lists: readonly PageRef[];
  readonly #tail: readonly PageRef[];
  readonly #read: (list: PageRef) => Promise<readonly PageRef[]>;
  readonly #kept = new LruCache<string, Promise<readonly PageRef[]>>(LISTS_KEPT);
  /** Number of the first page of each list, and of the tail. */
  readonly #starts: readonly number[];
  readonly #listKeys: readonly string[];

  constructor(
    lists: readonly PageRef[],
    tail: readonly PageRef[],
    read: (list: PageRef) => Promise<readonly PageRef[]>,
  ) {
    this.#lists = lists;
    this.#tail = tail;
    this.#read = read;
    const starts = [0];
    for (const { entries } of lists) starts.push(starts[starts.length - 1]! + entries);
    this.#starts = starts;
    this.#listKeys = lists.map(({ firstPath }) => sortKey(firstPath));
  }

  get count(): number {
    return this.#starts[this.#lists.length]! + this.#tail.length;
  }

  async at(number: number): Promise<PageRef> {
    const list = firstAfter(this.#starts.length, (i) => this.#starts[i]! > number) - 1;
    const page = (await this.#pages(list))[number - this.#starts[list]!];
    if (page === undefined) throw new RangeError(`No page ${number}`);
    return page;
  }

  async find(key: string): Promise<number> {
    const tailFirst = this.#tail.at(0);
    const isInTail = this.#lists.length === 0 ||
      tailFirst !== undefined && sortKey(tailFirst.firstPath) <= key;
    const list = isInTail
      ? this.#lists.length
      : Math.max(0, firstAfter(this.#lists.length, (i) => this.#listKeys[i]! > key) - 1);
    const pages = await this.#pages(list);
    const page = Math.max(0, firstAfter(pages.length, (i) => sortKey(pages[i]!.firstPath) > key) - 1);
    return this.#starts[list]! + page;
  }

  #pages(number: number): Promise<readonly PageRef[]> {
    if (number === this.#lists.length) return Promise.resolve(this.#tail);
    const list = this.#lists[number]!;
    const kept = this.#kept.get(list.id);
    if (kept !== undefined) return kept;
    const pages = this.#readList(list);
    this.#kept.set(list.id, pages);
    pages.catch(() => this.#kept.delete(list.id));
    return pages;
  }

  async #readList(list: PageRef): Promise<readonly PageRef[]> {
    const pages = await this.#read(list);
    if (pages.length === list.entries) return pages;
    throw new CorruptionError(`A list of pages has ${pages.length} of ${list.entries}`);
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
