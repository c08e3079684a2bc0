import type { PageRef } from "../model/page_refs.ts";
import type { Path } from "../model/path.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** The lists of pages that a snapshot names and, behind them, its pages that are in none, in the order of entries. */
export interface SnapshotTop {
  /** Of `count`, the first so many are lists. */
  readonly lists: number;
  readonly count: number;
  at(number: number): PageRef;
  /** The first path in it. */
  pathAt(number: number): Path;
}

export function topOf({ pageLists, pages }: Pick<Snapshot, "pageLists" | "pages">): SnapshotTop {
  const at = (i: number) => i < pageLists.length ? pageLists[i]! : pages[i - pageLists.length]!;
  return {
    lists: pageLists.length,
    count: pageLists.length + pages.length,
    at,
    pathAt: (i) => at(i).firstPath,
  };
}
