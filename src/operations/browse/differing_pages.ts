import type { PageRef } from "../../model/page_refs.ts";
import type { Path } from "../../model/path.ts";
import { orLoss, refsWithin, topWithin } from "./entries_within.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";

/** Lists of pages that are read at a time. */
const LISTS_AT_ONCE = 8;

/** Pages that one of two snapshots has and the other has not. */
export interface DifferingPages {
  readonly before: readonly PageRef[];
  readonly after: readonly PageRef[];
  /** Lists of pages that could not be read. */
  readonly lost: readonly Error[];
}

/**
 * The pages in which two snapshots may differ at and below `path`. Lists of pages that both have are not read: equal lists and pages
 * have equal entries.
 */
export async function differingPages(
  before: BrowsedSnapshot,
  after: BrowsedSnapshot,
  path: Path,
): Promise<DifferingPages> {
  const lost: Error[] = [];
  const [old, now] = withoutShared(refsOf(before), refsOf(after));
  const pages = withoutShared(
    await pagesOf(before, old, path, lost),
    await pagesOf(after, now, path, lost),
  );
  return { before: pages[0], after: pages[1], lost };
}

function refsOf({ snapshot }: BrowsedSnapshot): readonly PageRef[] {
  return [...snapshot.pageLists, ...snapshot.pages];
}

function withoutShared(
  before: readonly PageRef[],
  after: readonly PageRef[],
): [readonly PageRef[], readonly PageRef[]] {
  const [old, now] = [idsOf(before), idsOf(after)];
  return [before.filter(({ id }) => !now.has(id)), after.filter(({ id }) => !old.has(id))];
}

function idsOf(refs: readonly PageRef[]): ReadonlySet<string> {
  return new Set(refs.map(({ id }) => id));
}

/** The pages of `some` of the lists and pages of a snapshot, as far as they may hold `path` or what is below it. */
async function pagesOf(
  browsed: BrowsedSnapshot,
  some: readonly PageRef[],
  path: Path,
  lost: Error[],
): Promise<PageRef[]> {
  const wanted = new Set(some);
  const within = topWithin(browsed.top, path);
  const lists = within.lists.filter(({ list }) => wanted.has(list));
  const choose = refsWithin(path);
  const found: PageRef[] = [];
  for (let at = 0; at < lists.length; at += LISTS_AT_ONCE) {
    const batch = lists.slice(at, at + LISTS_AT_ONCE);
    const read = await Promise.all(batch.map(({ list }) => orLoss(browsed.pagesIn(list))));
    read.forEach((refs, i) => {
      if (refs instanceof Error) lost.push(refs);
      else for (const page of choose(refs, batch[i]!.end)) found.push(page);
    });
  }
  return [...found, ...within.pages.filter((page) => wanted.has(page))];
}
