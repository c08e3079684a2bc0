import type { LastPage } from "../../index/known_page.ts";
import type { PageIndex } from "../../index/pages.ts";
import { endsPage, FNV_START, hashPath, PAGE_ENTRIES_MAX } from "../../model/page_cut.ts";
import { type Path, pathOfKey, sortKey } from "../../model/path.ts";
import { readStamps, type StampedEntry, stampOf } from "../../scan/page_stamps.ts";
import { inodeOf } from "../../scan/stamp.ts";

/** Pages of which the entries are held in memory: questions come in the order of entries, or nearly. */
const PAGES_HELD = 4;

export type NamesByInode = ReadonlyMap<bigint, readonly Path[]>;

/** The pages of the last backup, and the entries in those that are asked for. */
export class KnownPages {
  readonly pages: readonly LastPage[];
  readonly #index: PageIndex;
  readonly #held = new Map<number, readonly StampedEntry[]>();

  constructor(index: PageIndex, pages: readonly LastPage[]) {
    this.#index = index;
    this.pages = pages;
  }

  /** The entries of page `i`. */
  entries(i: number): readonly StampedEntry[] {
    let entries = this.#held.get(i);
    if (entries === undefined) {
      const { number, firstPath } = this.pages[i]!;
      entries = readStamps(this.#index.stamps(number), firstPath);
      if (this.#held.size === PAGES_HELD) this.#held.delete(this.#held.keys().next().value!);
      this.#held.set(i, entries);
    }
    return entries;
  }

  /** Of all entries, in their order. */
  *paths(): Generator<Path> {
    for (const { number, firstPath } of this.pages) {
      for (const { path } of readStamps(this.#index.stamps(number), firstPath)) yield path;
    }
  }

  /** Which pages have entries from `first` to `last`. */
  between(first: Path, last: Path): number[] {
    return this.betweenKeys(sortKey(first), sortKey(last));
  }

  /** As {@link between}, by keys. */
  betweenKeys(from: string, to: string): number[] {
    const found: number[] = [];
    for (let i = this.#pageAt(from); i < this.pages.length && this.pages[i]!.firstKey <= to; i++) {
      found.push(i);
    }
    return found;
  }

  has(path: Path): boolean {
    const key = sortKey(path);
    const i = this.#pageAt(key);
    if (i === this.pages.length || this.pages[i]!.firstKey > key) return false;
    const entries = this.entries(i);
    return entries[entryAt(entries, key)]!.path === path;
  }

  /** The first page that does not end before `key`. */
  #pageAt(key: string): number {
    return lowerBound(this.pages.length, (i) => this.pages[i]!.lastKey < key);
  }

  /** Whether page `i` ends for the sake of its last entry; otherwise an entry that was left out has ended it, or the walk. */
  isClosed(i: number): boolean {
    const { lastKey, entries } = this.pages[i]!;
    return entries === PAGE_ENTRIES_MAX || endsPage(hashPath(FNV_START, pathOfKey(lastKey)));
  }

  /** Paths of the entries with one of these inodes, among those that are known to have several names. */
  namesOf(inodes: ReadonlySet<bigint>): NamesByInode {
    return this.#namesIn(inodes, (page) => page.links.some((inode) => inodes.has(inode)));
  }

  /** As {@link namesOf}, among all entries: reads the stamps of every page. */
  allNamesOf(inodes: ReadonlySet<bigint>): NamesByInode {
    return this.#namesIn(inodes, () => true);
  }

  #namesIn(inodes: ReadonlySet<bigint>, isWanted: (page: LastPage) => boolean): NamesByInode {
    const names = new Map<bigint, Path[]>();
    this.pages.forEach((page, i) => {
      if (!isWanted(page)) return;
      for (const entry of this.entries(i)) {
        const inode = inodeOf(stampOf(entry));
        if (!inodes.has(inode)) continue;
        const own = names.get(inode);
        if (own === undefined) names.set(inode, [entry.path]);
        else own.push(entry.path);
      }
    });
    return names;
  }
}

/** The number of the first of `entries` that has a key not below `key`. */
export function entryAt(entries: readonly StampedEntry[], key: string): number {
  return lowerBound(entries.length, (i) => sortKey(entries[i]!.path) < key);
}

/** The first of so many numbers for which `isBelow` does not hold. */
function lowerBound(length: number, isBelow: (i: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
