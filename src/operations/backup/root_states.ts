import type { PageIndex } from "../../index/pages.ts";
import type { PageSummary } from "../../index/known_page.ts";
import type { Mount, RootState } from "../../model/guard.ts";
import type { PageLine } from "../../model/page_line.ts";
import { isWithin, type Path, sortKey } from "../../model/path.ts";
import { mountOf } from "../../platform/mounts.ts";
import { readStamps } from "../../scan/page_stamps.ts";
import { pageLines } from "./earlier_pages.ts";
import type { Asked } from "./found_roots.ts";

/**
 * What the pages of a backup hold of each of its paths. Only pages at the borders of a path are opened, so this costs little however
 * much is backed up.
 */
export function rootStates(
  index: PageIndex,
  sequence: readonly PageSummary[],
  roots: readonly Asked[],
): RootState[] {
  return roots.map(({ asked, path, real }) => {
    const total: Total = { files: 0, bytes: 0 };
    sequence.forEach((page, i) => {
      const next = sequence.at(i + 1);
      if (isWithin(page.firstPath, path) && next !== undefined && isWithin(next.firstPath, path)) {
        total.files += page.files;
        total.bytes += page.bytes;
      } else if (mayHold(page, next, path)) addWithin(index, page, path, total);
    });
    const mount = real === undefined ? mountOf(path) : mountOfAlias(path, real);
    return { path: asked, ...total, mount };
  });
}

/** As {@link rootStates}, of files that are on no file system. */
export function streamStates(
  index: PageIndex,
  sequence: readonly PageSummary[],
  streams: readonly Asked[],
): RootState[] {
  return rootStates(index, sequence, streams).map(({ mount: _, ...state }) => state);
}

/** Where a snapshot of a file system is mounted may be another place each time; that it is mounted at all is what counts. */
function mountOfAlias(stored: Path, real: Path): Mount | undefined {
  const mount = mountOf(real);
  return mount === undefined || mount.at === "/" ? mount : { ...mount, at: stored };
}

/** Whether the pages have `path`, a directory, and nothing below it. */
export function isEmptyDirectory(index: PageIndex, sequence: readonly PageSummary[], path: Path): boolean {
  let found: EntryLine[] = [];
  for (const [i, page] of sequence.entries()) {
    if (!mayHold(page, sequence.at(i + 1), path)) continue;
    found = found.concat(linesWithin(index, page, path));
    if (found.length > 1) return false;
  }
  return found.length === 1 && found[0]!.line.kind === "directory";
}

interface Total {
  files: number;
  bytes: number;
  isFile?: true;
}

function mayHold(page: PageSummary, next: PageSummary | undefined, root: Path): boolean {
  if (isWithin(page.firstPath, root)) return true;
  const key = sortKey(root);
  return sortKey(page.firstPath) < key && (next === undefined || sortKey(next.firstPath) > key);
}

function addWithin(index: PageIndex, page: PageSummary, root: Path, total: Total): void {
  for (const { path, line } of linesWithin(index, page, root)) {
    if (line.kind !== "file") continue;
    if (path === root) total.isFile = true;
    total.files++;
    total.bytes += line.ownBytes;
  }
}

interface EntryLine {
  readonly path: Path;
  readonly line: PageLine;
}

/** `root` and what is below it, of one page. */
function linesWithin(
  index: PageIndex,
  { number, firstPath, length }: PageSummary,
  root: Path,
): EntryLine[] {
  const lines = pageLines(index.frame(number), length);
  return readStamps(index.stamps(number), firstPath)
    .map(({ path }, i) => ({ path, line: lines[i]! }))
    .filter(({ path }) => isWithin(path, root));
}
