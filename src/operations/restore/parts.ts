import { NotFoundError, UsageError } from "../../base/errors.ts";
import { displayPath, isWithin, normalizePath, type Path, typedPath } from "../../model/path.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "../browse/open_snapshot.ts";
import type { ResolvedSnapshot } from "../../read/resolve.ts";

/** A snapshot, and which of the wanted paths are restored of it. */
export interface ChosenPart {
  readonly resolved: ResolvedSnapshot;
  /** As they were typed; none means all. */
  readonly paths: readonly string[];
}

interface Candidate extends ChosenPart {
  readonly browsed: BrowsedSnapshot;
}

/**
 * What is restored of which snapshot, where `latest` or a time names one of each of several source sets: each path of those that have it,
 * without paths all of all. Throws `NotFoundError` where none has a path, `UsageError` where two have backed up the same.
 */
export async function chooseParts(
  opener: Opener,
  resolved: readonly ResolvedSnapshot[],
  paths: readonly string[],
): Promise<ChosenPart[]> {
  if (resolved.length === 1) return [{ resolved: resolved[0]!, paths }];
  const candidates: Candidate[] = [];
  for (const one of resolved) {
    const browsed = await openForBrowsing(opener, one.tools, one.id);
    candidates.push({ resolved: one, browsed, paths: await pathsIn(browsed, paths) });
  }
  for (const path of paths) {
    if (candidates.every((candidate) => !candidate.paths.includes(path))) throw nowhere(path, resolved);
  }
  const chosen = candidates.filter((candidate) => paths.length === 0 || candidate.paths.length > 0);
  checkOverlaps(chosen, paths.map(pathTyped));
  return chosen.map(({ resolved, paths }) => ({ resolved, paths }));
}

async function pathsIn({ entries }: BrowsedSnapshot, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const typed of paths) {
    const path = pathTyped(typed);
    if (path === "/" || await entries.find(path) !== undefined) found.push(typed);
  }
  return found;
}

function pathTyped(typed: string): Path {
  return normalizePath(typedPath(typed));
}

function nowhere(typed: string, resolved: readonly ResolvedSnapshot[]): NotFoundError {
  const where = resolved.map(({ id }) => id).join(" nor ");
  return new NotFoundError(`Cannot restore "${displayPath(pathTyped(typed))}": neither ${where} has it`);
}

/** Which of two source sets is right about a path that both have backed up, the user must say. */
function checkOverlaps(candidates: readonly Candidate[], paths: readonly Path[]): void {
  for (const [i, one] of candidates.entries()) {
    for (const other of candidates.slice(i + 1)) {
      const shared = sharedRoot(one, other, paths);
      if (shared === undefined) continue;
      const sets = [one, other].map(({ browsed: { snapshot } }) => `${snapshot.name} (${snapshot.id})`);
      throw new UsageError(
        `Cannot restore both ${sets.join(" and ")}: each has "${displayPath(shared)}"; --name says which`,
      );
    }
  }
}

function sharedRoot(one: Candidate, other: Candidate, paths: readonly Path[]): Path | undefined {
  const isWanted = (root: Path) =>
    paths.length === 0 || paths.some((path) => isWithin(root, path) || isWithin(path, root));
  for (const a of one.browsed.snapshot.roots.map(typedPath)) {
    for (const b of other.browsed.snapshot.roots.map(typedPath)) {
      const shared = isWithin(a, b) ? a : isWithin(b, a) ? b : undefined;
      if (shared !== undefined && isWanted(shared)) return shared;
    }
  }
  return undefined;
}
