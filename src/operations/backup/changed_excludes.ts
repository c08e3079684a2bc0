import { formatCount } from "../../base/units.ts";
import { isWithin, type Path } from "../../model/path.ts";
import { compileExcludes } from "../../scan/exclude.ts";

/** What other excludes than those of the last backup mean. */
export interface ChangedExcludes {
  /** Patterns that are new. */
  readonly added: readonly string[];
  /** Files of the last backup that they leave out. */
  readonly files: number;
}

/**
 * Compares the excludes of a backup with those of the last one, of which `paths` are all entries in their order; `roots` are backed up whatever
 * is excluded. `undefined` where the excludes are the same. Pure.
 */
export function changedExcludes(
  { before, now, roots, paths }: {
    readonly before: readonly string[];
    readonly now: readonly string[];
    readonly roots: readonly Path[];
    readonly paths: Iterable<Path>;
  },
): ChangedExcludes | undefined {
  const added = now.filter((pattern) => !before.includes(pattern));
  const isSame = added.length === 0 && before.every((pattern) => now.includes(pattern));
  return isSame ? undefined : { added, files: countExcluded(now, new Set(roots), paths) };
}

const SHOWN_MAX = 5;

export function changedExcludesText(name: string, { added, files }: ChangedExcludes): string {
  const shown = added.slice(0, SHOWN_MAX).map((pattern) => JSON.stringify(pattern)).join(", ");
  const more = added.length > SHOWN_MAX ? ` and ${added.length - SHOWN_MAX} more` : "";
  const which = added.length === 0 ? "" : ` (new: ${shown}${more})`;
  return `the excludes of ${name} have changed since the last snapshot${which}: ` +
    `${files === 1 ? "1 file" : `${formatCount(files)} files`} that it has ${
      files === 1 ? "is" : "are"
    } left out from now on`;
}

function countExcluded(exclude: readonly string[], roots: ReadonlySet<Path>, paths: Iterable<Path>): number {
  const isExcluded = compileExcludes(exclude);
  let files = 0;
  let within: Path | undefined;
  let path: Path | undefined;
  const count = (path: Path, next: Path | undefined) => {
    const isDirectory = next !== undefined && next !== path && isWithin(next, path);
    if (roots.has(path)) within = undefined;
    else if (within === undefined || !isWithin(path, within)) {
      within = isExcluded(path, isDirectory) ? path : undefined;
    }
    if (within !== undefined && !isDirectory) files++;
  };
  for (const next of paths) {
    if (path !== undefined) count(path, next);
    path = next;
  }
  if (path !== undefined) count(path, undefined);
  return files;
}
