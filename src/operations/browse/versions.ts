import { sha256Hex } from "../../base/digest.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Entry } from "../../model/entry.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { linesWhere } from "../../model/page_line.ts";
import { type Path, sortKey } from "../../model/path.ts";
import type { MatchesPath } from "../../model/path_pattern.ts";
import { orLoss, refsWithin } from "./entries_within.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";
import { entryIn } from "./page_entries.ts";

const decoder = new TextDecoder();

/** Snapshots that are opened, and pages that are read, before they are asked for. */
const SNAPSHOTS_AHEAD = 8;
const PAGES_AHEAD = 8;

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
  /** What could not be read. */
  readonly lost: readonly Error[];
}

/** Whether an entry is meant; it is of the page that was just read of this snapshot. */
export type MatchesEntry = (entry: Entry, browsed: BrowsedSnapshot) => boolean | Promise<boolean>;

/** What is looked for. */
export interface Wanted {
  /** All of it is at or below this. */
  readonly within: Path;
  /** Whether an entry at this path may be meant: only such ones are decoded. */
  readonly mayBeAt: MatchesPath;
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
  for await (const browsed of readAhead(ids, SNAPSHOTS_AHEAD, (id) => orLoss(open(id)))) {
    if (browsed instanceof Error) search.lost.push(browsed);
    else await search.add(browsed, number);
    number++;
  }
  return { versions: search.versions(ids), lost: search.lost };
}

/** Ascending numbers as runs: first, last, first, last … */
type Runs = number[];

function addTo(runs: Runs, number: number): void {
  const last = runs.length - 1;
  if (runs[last] === number) return;
  if (runs[last] === number - 1) runs[last] = number;
  else runs.push(number, number);
}

interface Found {
  readonly entry: Entry;
  readonly runs: Runs;
}

class Search {
  readonly #wanted: Wanted;
  /** By list: its pages that may have something. */
  readonly #lists = new Map<string, readonly PageRef[]>();
  /** By page: what was found in it. */
  readonly #pages = new Map<string, readonly Found[]>();
  /** By path and state. */
  readonly #found = new Map<string, Found>();
  readonly lost: Error[] = [];

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  async add(browsed: BrowsedSnapshot, number: number): Promise<void> {
    const pages = await this.#pagesOf(browsed);
    const isNew = (page: PageRef) => !this.#pages.has(page.id);
    const read = async (page: PageRef) => ({ page, found: await orLoss(this.#search(browsed, page)) });
    for await (const { page, found } of readAhead(pages.filter(isNew), PAGES_AHEAD, read)) {
      if (found instanceof Error) this.lost.push(found);
      this.#pages.set(page.id, found instanceof Error ? [] : found);
    }
    for (const { id } of pages) for (const { runs } of this.#pages.get(id)!) addTo(runs, number);
  }

  versions(ids: readonly string[]): Version[] {
    const found = [...this.#found.values()].map((one) => ({ ...one, key: sortKey(one.entry.path) }));
    found.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : a.runs[0] - b.runs[0]);
    return found.map(({ entry, runs }) => ({ entry, snapshots: rangesOf(runs, ids) }));
  }

  async #pagesOf(browsed: BrowsedSnapshot): Promise<PageRef[]> {
    const { pageLists, pages } = browsed.snapshot;
    const choose = refsWithin(this.#wanted.within);
    const wanted = new Set(choose([...pageLists, ...pages]));
    const chosen: PageRef[] = [];
    for (const [i, list] of pageLists.entries()) {
      if (!wanted.has(list)) continue;
      // Where it ends in this snapshot makes no difference to what is found: a page more is read at most.
      let known = this.#lists.get(list.id);
      if (known === undefined) {
        const read = await orLoss(browsed.pagesIn(list));
        if (read instanceof Error) this.lost.push(read);
        known = read instanceof Error ? [] : choose(read, (pageLists[i + 1] ?? pages.at(0))?.firstPath);
        this.#lists.set(list.id, known);
      }
      for (const page of known) chosen.push(page);
    }
    return [...chosen, ...pages.filter((page) => wanted.has(page))];
  }

  async #search(browsed: BrowsedSnapshot, ref: PageRef): Promise<readonly Found[]> {
    const text = decoder.decode(await browsed.pageText(ref));
    const found: Found[] = [];
    const { mayBeAt, matches } = this.#wanted;
    for (const line of linesWhere(text, mayBeAt)) {
      const entry = entryIn(line);
      const isMeant = matches(entry, browsed);
      // Waiting for each of very many would cost more than looking at it.
      if (!(typeof isMeant === "boolean" ? isMeant : await isMeant)) continue;
      const key = stateOf(entry);
      const known = this.#found.get(key);
      const one = known ?? { entry: withoutPlaces(entry), runs: [] };
      if (known === undefined) this.#found.set(key, one);
      found.push(one);
    }
    return found;
  }
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
    ranges.push({ first: ids[runs[i]], last: ids[runs[i + 1]], count: runs[i + 1] - runs[i] + 1 });
  }
  return ranges;
}
