import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Entry } from "../../model/entry.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { isWithin, type Path, sortKey } from "../../model/path.ts";
import type { ChooseRefs } from "../../read/snapshot_pages.ts";
import type { SnapshotTop } from "../../read/snapshot_top.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";
import type { PageEntries } from "./page_entries.ts";
import { firstAfter } from "./page_list.ts";

/** Pages that are read before they are asked for; many lie in one frame. */
const PAGES_AHEAD = 8;

/** The pages (or lists of pages) that may hold `path` or what is below it. */
export function refsWithin(path: Path): ChooseRefs {
  const within = rangeWithin(path);
  return (refs, end) => {
    const [from, to] = within(refs.length, (i) => refs[i]!.firstPath, end);
    return refs.slice(from, to);
  };
}

/** What in the top of a snapshot may hold a path. */
export interface TopWithin {
  /** Lists of pages, each with the first path behind it. */
  readonly lists: readonly { readonly list: PageRef; readonly end: Path | undefined }[];
  readonly pages: readonly PageRef[];
}

/** The lists and pages that may hold `path` or what is below it; no others are looked at, but for some of their first paths. */
export function topWithin({ lists, count, at, pathAt }: SnapshotTop, path: Path): TopWithin {
  const [from, to] = rangeWithin(path)(count, pathAt);
  const numbers = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  return {
    lists: numbers.filter((i) => i < lists).map((i) => {
      return { list: at(i), end: i + 1 < count ? pathAt(i + 1) : undefined };
    }),
    pages: numbers.filter((i) => i >= lists).map(at),
  };
}

/** From which one on, and up to which, of `count` that begin at ascending paths, some may hold `path` or what is below it. */
function rangeWithin(path: Path) {
  const key = sortKey(path);
  // "\x01" is the byte behind the "\0" that stands for "/" in keys.
  const endKey = path === "/" ? "\xff\xff" : key + "\x01";
  return (count: number, pathAt: (i: number) => Path, end?: Path): [from: number, to: number] => {
    const after = firstAfter(count, (i) => sortKey(pathAt(i)) > key);
    const isBehind = after === count && end !== undefined && sortKey(end) <= key;
    const first = isBehind ? count : Math.max(0, after - 1);
    return [first, firstAfter(count, (i) => sortKey(pathAt(i)) >= endKey)];
  };
}

/** The entry at `path` and all below it, in order. Of what is lost there is the error. */
export async function* entriesWithin(
  browsed: BrowsedSnapshot,
  path: Path,
): AsyncGenerator<Entry | Error> {
  const lost: Error[] = [];
  const pages = await browsed.pages.all(refsWithin(path), (_, error) => lost.push(error));
  yield* lost;
  for await (const entry of entriesOf(browsed, pages)) {
    if (entry instanceof Error || isWithin(entry.path, path)) yield entry;
  }
}

/** The entries of some pages, in order. Of what is lost there is the error. */
export async function* entriesOf(
  browsed: BrowsedSnapshot,
  pages: readonly PageRef[],
): AsyncGenerator<Entry | Error> {
  for await (const page of readAhead(pages, PAGES_AHEAD, (ref) => orLoss(browsed.page(ref)))) {
    if (page instanceof Error) yield page;
    else yield* entriesIn(page);
  }
}

/** The entries of a page in order, but for those of which the lines are in `without`. Of what is malformed there is the error. */
export function* entriesIn(page: PageEntries, without?: ReadonlySet<string>): Generator<Entry | Error> {
  for (let line = 0; line < page.count; line++) {
    if (without?.has(page.textAt(line))) continue;
    yield entryAt(() => page.at(line));
  }
}

function entryAt(read: () => Entry): Entry | Error {
  try {
    return read();
  } catch (error) {
    return lossOf(error);
  }
}

/** What is read, or that it is lost. */
export async function orLoss<T>(read: Promise<T>): Promise<T | Error> {
  try {
    return await read;
  } catch (error) {
    return lossOf(error);
  }
}

/** The error, where it is what the store has lost or what is damaged; all else is thrown on. */
export function lossOf(error: unknown): Error {
  if (error instanceof CorruptionError || error instanceof NotFoundError) return error;
  throw error;
}
