import { sha256Hex } from "../../base/digest.ts";
import { OtherKeyError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Entry } from "../../model/entry.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { headOf } from "../../model/page_head.ts";
import { PageLine } from "../../model/page_line.ts";
import type { FoundLines } from "../../model/page_search.ts";
import { type Path, sortKey } from "../../model/path.ts";
import type { PathTest } from "../../model/path_pattern.ts";
import { lossOf, orLoss, refsWithin, topWithin } from "./entries_within.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";
import { entryIn } from "./page_entries.ts";

/** Snapshots that are opened before they are asked for. */
const SNAPSHOTS_AHEAD = 8;
/** Searches under way at a time, each of pages of one blob; it has at most so many. */
const SEARCHES_MAX = 8;
const PAGES_AT_ONCE = 32;
/** Lines of which it is remembered what they are: pages that follow each other share nearly all. */
const LINES_MAX = 20_000;

/** A run of snapshots of one source set that follow each other. */
export interface SnapshotRange {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** A state of a path, and the snapshots that have it. */
export interface Version {
  readonly entry: Entry;
  readonly snapshots: readonly SnapshotRange[];
}

/** The versions that were found. */
export interface FoundVersions {
  /** By path, then by when they were first seen. */
  readonly versions: readonly Version[];
  /** What could not be read: lost, damaged, or of another key. */
  readonly lost: readonly Error[];
}

/** Whether an entry is meant; it is of the page that was just read of this snapshot. */
export type MatchesEntry = (entry: Entry, browsed: BrowsedSnapshot) => boolean | Promise<boolean>;

/** What is looked for. */
export interface Wanted {
  /** All of it is at or below this. */
  readonly within: Path;
  /** The paths at which it may be: only entries of such are decoded. */
  readonly at: PathTest;
  readonly matches: MatchesEntry;
}

/**
 * Every version of what is wanted in some snapshots of one source set, oldest first. A page is read once, however many snapshots have it,
 * and so is a list of pages.
 */
export async function findVersions(
  ids: readonly string[],
  open: (id: string) => Promise<BrowsedSnapshot>,
  wanted: Wanted,
): Promise<FoundVersions> {
  const search = new Search(wanted);
  let number = 0;
  try {
    for await (const browsed of readAhead(ids, SNAPSHOTS_AHEAD, (id) => orLost(open(id)))) {
      if (browsed instanceof Error) search.lost.push(browsed);
      else await search.add(browsed, number);
      number++;
    }
  } finally {
    await search.end();
  }
  return { versions: search.versions(ids), lost: search.lost };
}

/** As {@link orLoss}; a snapshot of another key is no reason to look into no other one. */
async function orLost(opening: Promise<BrowsedSnapshot>): Promise<BrowsedSnapshot | Error> {
  try {
    return await orLoss(opening);
  } catch (error) {
    if (error instanceof OtherKeyError) return error;
    throw error;
  }
}

/** A version that was found, and the pages that have it. */
interface Found {
  readonly entry: Entry;
  readonly runs: Runs;
}

/** A page, the snapshots that have it, and what was found in it. */
interface SearchedPage {
  readonly runs: Runs;
  found: readonly Found[];
}

/** A list of pages and the snapshots that have it. */
interface SearchedList {
  readonly runs: Runs;
  readonly pages: readonly SearchedPage[];
}

class Search {
  readonly #wanted: Wanted;
  readonly #lists = new Map<string, SearchedList>();
  readonly #pages = new Map<string, SearchedPage>();
  /** By path and state. */
  readonly #found = new Map<string, Found>();
  /** By line: equal ones are of equal entries, wherever their chunks are. */
  readonly #lines = new Map<string, Found | undefined>();
  readonly #searches = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  readonly lost: Error[] = [];

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  /** Begins to look into what the snapshot has and none before it had. */
  async add(browsed: BrowsedSnapshot, number: number): Promise<void> {
    // Where a list ends in this snapshot makes no difference to what is found: a page more is read at most.
    const { lists, pages } = topWithin(browsed.top, this.#wanted.within);
    const newPages: PageRef[] = [];
    const pageOf = (ref: PageRef) => {
      const known = this.#pages.get(ref.id);
      if (known !== undefined) return known;
      const page = { runs: [], found: [] };
      this.#pages.set(ref.id, page);
      newPages.push(ref);
      return page;
    };
    const choose = refsWithin(this.#wanted.within);
    const newLists = lists.filter(({ list }) => !this.#lists.has(list.id));
    const read = await browsed.pagesInEach(newLists.map(({ list }) => list));
    for (const [i, { list, end }] of newLists.entries()) {
      const refs = read[i]!;
      if (refs instanceof Error) this.lost.push(refs);
      this.#lists.set(list.id, {
        runs: [],
        pages: refs instanceof Error ? [] : choose(refs, end).map(pageOf),
      });
    }
    for (const { list } of lists) addTo(this.#lists.get(list.id)!.runs, number);
    for (const ref of pages) addTo(pageOf(ref).runs, number);
    for (const some of inBlobs(newPages)) await this.#begin(this.#search(browsed, some));
  }

  /** Waits for all that was begun. Throws what one of them threw. */
  async end(): Promise<void> {
    await Promise.all(this.#searches);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  versions(ids: readonly string[]): Version[] {
    for (const { runs, pages } of this.#lists.values()) {
      for (const page of pages) for (const number of runs) page.runs.push(number);
    }
    for (const { runs, found } of this.#pages.values()) {
      if (found.length === 0) continue;
      const joined = joinedRuns(runs);
      for (const one of found) for (const number of joined) one.runs.push(number);
    }
    const found = [...this.#found.values()].map(({ entry, runs }) => {
      return { entry, runs: joinedRuns(runs), key: sortKey(entry.path) };
    });
    found.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : a.runs[0]! - b.runs[0]!);
    return found.map(({ entry, runs }) => ({ entry, snapshots: rangesOf(runs, ids) }));
  }

  /** Lets a search go on, and waits while there are too many. */
  async #begin(search: Promise<void>): Promise<void> {
    const settled: Promise<void> = search
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => void this.#searches.delete(settled));
    this.#searches.add(settled);
    while (this.#searches.size >= SEARCHES_MAX) await Promise.race(this.#searches);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #search(browsed: BrowsedSnapshot, refs: readonly PageRef[]): Promise<void> {
    for (const [i, page] of (await browsed.search(refs, this.#wanted.at)).entries()) {
      try {
        if (page instanceof Error) throw page;
        this.#pages.get(refs[i]!.id)!.found = await this.#foundIn(browsed, page);
      } catch (error) {
        this.lost.push(lossOf(error));
      }
    }
  }

  async #foundIn(browsed: BrowsedSnapshot, { head, lines }: FoundLines): Promise<Found[]> {
    const found: Found[] = [];
    for (const line of lines) {
      let one = this.#lines.get(line);
      if (one === undefined && !this.#lines.has(line)) {
        const entry = entryIn(new PageLine(line, headOf(head)));
        const isMeant = this.#wanted.matches(entry, browsed);
        // Waiting for each of very many would cost more than looking at it.
        const isFound = typeof isMeant === "boolean" ? isMeant : await isMeant;
        one = isFound ? this.#foundAs(entry) : undefined;
        if (typeof isMeant === "boolean" && this.#lines.size < LINES_MAX) this.#lines.set(line, one);
      }
      if (one !== undefined) found.push(one);
    }
    return found;
  }

  #foundAs(entry: Entry): Found {
    const key = stateOf(entry);
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const found = { entry: withoutPlaces(entry), runs: [] };
    this.#found.set(key, found);
    return found;
  }
}

/** The pages by the blob that they are in, not too many at a time. */
function* inBlobs(pages: readonly PageRef[]): Generator<PageRef[]> {
  for (const some of Map.groupBy(pages, ({ blob }) => blob).values()) {
    for (let at = 0; at < some.length; at += PAGES_AT_ONCE) yield some.slice(at, at + PAGES_AT_ONCE);
  }
}

/** Ascending numbers as runs: first, last, first, last … */
type Runs = number[];

function addTo(runs: Runs, number: number): void {
  const last = runs.length - 1;
  if (runs[last] === number) return;
  if (runs[last] === number - 1) runs[last] = number;
  else runs.push(number, number);
}

/** All numbers of some runs that come in any order and may overlap. */
function joinedRuns(runs: Runs): Runs {
  const pairs = Array.from({ length: runs.length / 2 }, (_, i) => [runs[2 * i]!, runs[2 * i + 1]!] as const);
  pairs.sort(([a], [b]) => a - b);
  const joined: Runs = [];
  for (const [first, last] of pairs) {
    const end = joined.length - 1;
    if (end > 0 && first <= joined[end]! + 1) joined[end] = Math.max(joined[end]!, last);
    else joined.push(first, last);
  }
  return joined;
}

/** Equal for entries that restore to the same; where their chunks are is of no interest. */
function stateOf({ chunks, lists, links: _, user: __, group: ___, ...rest }: Entry): string {
  // Lists name places: a file with very many chunks that were moved would count as another, were they looked at.
  const ids = chunks?.map(({ id }) => id).join() ?? (lists === undefined ? "" : "lists");
  return `${rest.path} ${sha256Hex(new TextEncoder().encode(JSON.stringify([rest, ids])))}`;
}

/** There may be very many. */
function withoutPlaces({ chunks: _, lists: __, ...rest }: Entry): Entry {
  return rest;
}

function rangesOf(runs: Runs, ids: readonly string[]): SnapshotRange[] {
  const ranges: SnapshotRange[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const [first, last] = [runs[i]!, runs[i + 1]!];
    ranges.push({ first: ids[first]!, last: ids[last]!, count: last - first + 1 });
  }
  return ranges;
}
