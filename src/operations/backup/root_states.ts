import type { PageIndex, PageSummary } from "../../index/pages.ts";
import type { Mount, RootState } from "../../model/guard.ts";
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

/** Where a snapshot of a file system is mounted may be another place each time; that it is mounted at all is what counts. */
function mountOfAlias(stored: Path, real: Path): Mount | undefined {
  const mount = mountOf(real);
  return mount === undefined || mount.at === "/" ? mount : { ...mount, at: stored };
}

/** Whether the pages have `path`, a directory, and nothing below it. */
export function isEmptyDirectory(index: PageIndex, sequence: readonly PageSummary[], path: Path): boolean {
  const kinds: string[] = [];
  for (const [i, page] of sequence.entries()) {
    if (!mayHold(page, sequence.at(i + 1), path)) continue;
    const lines = pageLines(index.frame(page.number), page.length);
    const entries = readStamps(index.stamps(page.number), page.firstPath);
    entries.forEach((entry, at) => isWithin(entry.path, path) && kinds.push(lines[at].kind));
    if (kinds.length > 1) return false;
  }
  return kinds.length === 1 && kinds[0] === "directory";
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

function addWithin(
  index: PageIndex,
  { number, firstPath, length }: PageSummary,
  root: Path,
  total: Total,
): void {
  const lines = pageLines(index.frame(number), length);
  readStamps(index.stamps(number), firstPath).forEach(({ path }, i) => {
    if (!isWithin(path, root) || lines[i].kind !== "file") return;
    if (path === root) total.isFile = true;
    total.files++;
    total.bytes += lines[i].ownBytes;
  });
}
