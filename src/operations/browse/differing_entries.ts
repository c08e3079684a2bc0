import { readAhead } from "../../base/read_ahead.ts";
import type { Entry } from "../../model/entry.ts";
import type { PageRef } from "../../model/page_refs.ts";
import type { Path } from "../../model/path.ts";
import { entriesIn, orLoss } from "./entries_within.ts";
import type { BrowsedSnapshot } from "./open_snapshot.ts";

/** Pages that are read before they are asked for, each with the one of the other side. */
const PAGES_AHEAD = 4;

/** Some pages of a snapshot. */
export interface Side {
  readonly browsed: BrowsedSnapshot;
  readonly pages: readonly PageRef[];
}

/**
 * The entries of the pages of `side`, in order, but for those that the page with the same beginning in `other` has as the same line: equal
 * lines are of equal entries, and are never decoded. Of what is lost there is the error.
 */
export async function* differingEntries(side: Side, other: Side): AsyncGenerator<Entry | Error> {
  const twins = new Map<Path, PageRef>(other.pages.map((page) => [page.firstPath, page]));
  const read = async (ref: PageRef) => {
    const page = await orLoss(side.browsed.page(ref));
    const twin = twins.get(ref.firstPath);
    const there = twin === undefined ? undefined : await orLoss(other.browsed.page(twin));
    return {
      page,
      lines: there === undefined || there instanceof Error ? undefined : new Set(there.texts()),
    };
  };
  for await (const { page, lines } of readAhead(side.pages, PAGES_AHEAD, read)) {
    if (page instanceof Error) yield page;
    else yield* entriesIn(page, lines);
  }
}
