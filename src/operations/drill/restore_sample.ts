import { drawNumbers, type Random, shuffled } from "../../base/chance.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, type Path, typedPath } from "../../model/path.ts";
import type { BrowsedSnapshot } from "../browse/open_snapshot.ts";
import { PagesInLists } from "../browse/page_list.ts";
import type { DrillLimits } from "./drill_summary.ts";
import type { DrillFindings } from "./findings.ts";

/** Pages that are fetched; each has a thousand entries on average. */
const PAGES_MAX = 8;

/** Draws files of a snapshot, up to the limits. Of pages only a few are read; one that cannot be is a problem. */
export async function drawFromSnapshot(
  browsed: BrowsedSnapshot,
  { files, bytes }: DrillLimits,
  random: Random,
  findings: DrillFindings,
): Promise<Entry[]> {
  const { snapshot: { pageLists, pages }, pagesIn } = browsed;
  const list = new PagesInLists(pageLists, pages, pagesIn);
  const found: Entry[] = [];
  for (const number of drawNumbers(list.count, PAGES_MAX, random)) {
    await orProblem(`page ${number} of ${browsed.snapshot.id}`, findings, async () => {
      const page = await browsed.page(await list.at(number));
      for (let line = 0; line < page.count; line++) {
        const entry = page.at(line);
        if (entry.kind === "file" && entry.hardlink === undefined && canBeTyped(entry.path)) {
          found.push(entry);
        }
      }
    });
  }
  let bytesLeft = bytes;
  const fitting = shuffled(found, random).filter(({ size = 0 }) => {
    return size <= bytesLeft && ((bytesLeft -= size), true);
  });
  return fitting.slice(0, files);
}

/** Does `work`; what is lost in the store is a problem with `what`. */
export async function orProblem<T>(
  what: string,
  findings: DrillFindings,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
    findings.problem(what, error.message);
    return undefined;
  }
}

/** A restore takes paths as they are typed; a few cannot be. */
function canBeTyped(path: Path): boolean {
  return typedPath(displayPath(path)) === path;
}
