import { directoriesAbove, joinPath, type Path } from "../model/path.ts";
import { realPath } from "../model/path_alias.ts";
import { FNV_START, hashPath } from "../model/page_cut.ts";
import { isKernelMade } from "../platform/kernel_made.ts";
import { errno, errnoMessage } from "../platform/libc.ts";
import { statNoLinks } from "../platform/no_links.ts";
import { SystemError } from "../platform/read.ts";
import { S_IFDIR, Stat } from "../platform/stat.ts";
import { type Descent, hasVanished, type Level, Levels, openLevel } from "./level.ts";
import { Roots } from "./roots.ts";
import type { Visited, WalkOptions, WalkScope } from "./visited.ts";

/** Called with each entry of a walk; true: the walk stops there, and yields it. */
export type StopsAt = (visited: Visited) => boolean;

const stopAtAll: StopsAt = () => true;

/**
 * Visits the directories above each root (but not `/`), the roots and all below them, in the order of entries (depth first,
 * names by their bytes). No link is followed, also none that takes the place of a directory meanwhile; an entry that vanishes is left out.
 * It yields each entry, or only those at which `stopsAt` wants it to stop: a generator's step costs as much as all else of a visit.
 */
export function walk(
  roots: readonly Path[],
  options: WalkOptions,
  stopsAt = stopAtAll,
): Generator<Visited> {
  const scope = scopeOf(roots, options);
  return walkRoots(scope, (root) => walkBelow(root, descentOf(root), scope, stopsAt), stopsAt);
}

export function scopeOf(roots: readonly Path[], options: WalkOptions): WalkScope {
  return { ...options, roots: new Roots(roots), kernelMade: new Map() };
}

/** How a root that was just visited is walked. */
export function descentOf({ stat }: Visited): Descent {
  return { parent: undefined, fileSystem: stat.fileSystem, isWay: false };
}

/** As {@link walk}, with what `below` makes of each root that is a directory. */
export function* walkRoots<Step>(
  scope: WalkScope,
  below: (root: Visited) => Iterable<Step>,
  stopsAt = stopAtAll,
): Generator<Visited | Step> {
  const visited = newVisited();
  const above = new Set<Path>();
  for (const root of scope.roots.outermost) {
    for (const path of [...directoriesAbove(root).reverse(), root]) {
      if (above.has(path)) continue;
      const reason = visitPath(visited, path, scope);
      // Above what is somewhere else there may be nothing.
      if (reason !== undefined && path !== root && isAlias(root, scope)) continue;
      if (reason !== undefined) {
        scope.onUnreadable(root, reason);
        break;
      }
      above.add(path);
      if (stopsAt(visited)) yield visited;
      if (path === root && visited.stat.type === S_IFDIR) yield* below(visited);
    }
  }
}

export function newVisited(): Visited {
  return { path: "", name: "", parentLength: 0, hash: 0, stat: new Stat() };
}

function isAlias(path: Path, { aliases = [] }: WalkScope): boolean {
  return aliases.some(({ stored }) => stored === path);
}

/** Visits one path given in full. Why it cannot be looked at, if it cannot. */
function visitPath(visited: Visited, path: Path, { aliases = [] }: WalkScope): string | undefined {
  visited.path = path;
  visited.name = path;
  visited.parentLength = 0;
  visited.hash = hashPath(FNV_START, path);
  try {
    statNoLinks(visited.stat, realPath(aliases, path));
    return undefined;
  } catch (error) {
    if (error instanceof SystemError) return error.message;
    throw error;
  }
}

/** Visits all below the visited directory. */
export function* walkBelow(
  visited: Visited,
  root: Descent,
  scope: WalkScope,
  stopsAt = stopAtAll,
): Generator<Visited> {
  using levels = new Levels();
  const first = openLevel(visited, root, scope);
  if (first !== undefined) levels.push(first);
  for (let level = levels.last; level !== undefined; level = levels.last) {
    if (level.next === level.names.length) {
      levels.pop();
      continue;
    }
    const name = level.names[level.next++]!;
    if (!visitChild(visited, level, name, scope)) continue;
    const descent = descend(visited, level, scope);
    if (stopsAt(visited)) yield visited;
    const deeper = descent && openLevel(visited, descent, scope);
    if (deeper !== undefined) levels.push(deeper);
  }
}

/** How the walk goes on below the visited entry of `level`, if it does. */
export function descend(visited: Visited, level: Level, scope: WalkScope): Descent | undefined {
  const { path, stat } = visited;
  if (stat.type !== S_IFDIR) return undefined;
  const { fileSystem } = stat;
  if (scope.roots.isInner(path)) return { parent: level, fileSystem, isWay: false };
  const leads = scope.roots.leadsToInner(path);
  const isOutside = level.isWay || fileSystem !== level.fileSystem && isForeign(visited, scope) ||
    leads && scope.isExcluded(path, true);
  return isOutside && !leads ? undefined : { parent: level, fileSystem, isWay: isOutside };
}

/** Whether what is mounted at the visited directory is none of the walk's business. */
export function isForeign(
  { path, stat }: Pick<Visited, "path" | "stat">,
  { oneFileSystem, kernelMade, aliases, onSkipped, onExcluded }: WalkScope,
): boolean {
  if (oneFileSystem) {
    onExcluded?.();
    return true;
  }
  const { fileSystem } = stat;
  const known = kernelMade.get(fileSystem);
  if (known !== undefined) return known;
  const isMadeUp = isKernelMade(realPath(aliases ?? [], path));
  kernelMade.set(fileSystem, isMadeUp);
  if (isMadeUp) {
    onSkipped(path, "the kernel makes up what is in it; name it among the paths to have it all the same");
  }
  return isMadeUp;
}

const nameBytes = new Uint8Array(4096);
const GONE = "gone";
/** An entry that is listed each time, and not there each time, does not come and go: its file system cannot find it. */
const LOOKS = 4;

/** False where there is no such entry, or it is left out. */
export function visitChild(visited: Visited, level: Level, name: string, scope: WalkScope): boolean {
  visited.path = joinPath(level.path, name);
  visited.name = name;
  visited.parentLength = level.path === "/" ? 0 : level.path.length;
  visited.hash = hashPath(hashPath(level.hash, level.path === "/" ? "" : "/"), name);
  for (let i = 0; i < name.length; i++) nameBytes[i] = name.charCodeAt(i);
  nameBytes[name.length] = 0;
  const code = lookAt(visited.stat, level, name);
  if (code === 0) {
    if (!level.mayExclude) return true;
    const isDirectory = visited.stat.type === S_IFDIR;
    if (!scope.isExcluded(visited.path, isDirectory) || scope.roots.leadsToInner(visited.path)) return true;
    scope.onExcluded?.();
    return false;
  }
  const { path } = visited;
  const isLeftOut = () => scope.isExcluded(path, true) || scope.isExcluded(path, false);
  if (code !== GONE && !isLeftOut()) scope.onUnreadable(path, errnoMessage(code));
  return false;
}

/** Looks at the entry of which the name is in `nameBytes`: 0, or why that fails. */
function lookAt(stat: Stat, level: Level, name: string): number | typeof GONE {
  for (let left = LOOKS;; left--) {
    const code = statIn(stat, level);
    if (!hasVanished(code)) return code;
    if (!level.lists(name)) return GONE;
    if (left === 1) return code;
  }
}

function statIn(stat: Stat, level: Level): number {
  try {
    return stat.at(level.fd, nameBytes) ? 0 : errno();
  } catch (error) {
    if (error instanceof SystemError) return error.code;
    throw error;
  }
}
