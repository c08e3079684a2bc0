import type { Path } from "../model/path.ts";
import { isWithin, joinPath, parentOf, sortKey } from "../model/path.ts";
import { FNV_START, hashPath } from "../model/page_cut.ts";
import { AT_FDCWD, cString, EMFILE, ENOENT, ENOTDIR, errno, errnoMessage } from "../platform/libc.ts";
import { closeFile, openDirectory, openFile, readAt, readNames, SystemError } from "../platform/read.ts";
import { S_IFDIR, Stat } from "../platform/stat.ts";
import type { IsExcluded } from "./exclude.ts";

export interface WalkOptions {
  readonly isExcluded: IsExcluded;
  readonly oneFileSystem: boolean;
  readonly excludeCaches: boolean;
  /** Called for what is there but cannot be looked at; the walk goes on without it. */
  readonly onUnreadable: (path: Path, reason: string) => void;
}

/** One step of a walk. The walker reuses the object: copy what must outlive the step. */
export interface Visited {
  path: Path;
  /** Last part of the path; of the first entries of a walk, the whole path. */
  name: string;
  /** Bytes of the path of its parent; 0 for `/` and for the first entries of a walk. */
  parentLength: number;
  /** FNV-1a of the path. */
  hash: number;
  readonly stat: Stat;
}

/** A directory being walked; `fd` is `AT_FDCWD` where it is not held open. */
export interface Level {
  readonly fd: number;
  readonly path: Path;
  readonly hash: number;
  readonly names: readonly string[];
  next: number;
}

/** Directories nested deeper are opened by their full path, so that a walk holds few files open. */
const OPEN_LEVELS = 200;

/** Without roots that are within other roots, in the order of entries. */
export function normalizeRoots(roots: readonly Path[]): Path[] {
  const sorted = [...new Set(roots)].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  return sorted.filter((root) => !sorted.some((other) => other !== root && isWithin(root, other)));
}

/**
 * Visits the directories above each root (but not `/`), the roots and all below them, in the order of entries (depth first,
 * names by their bytes). Links are not followed; an entry that vanishes meanwhile is left out.
 */
export function walk(roots: readonly Path[], options: WalkOptions): Generator<Visited> {
  return walkRoots(roots, options, (root) => walkBelow(root, root.stat.fileSystem, options));
}

/** As {@link walk}, with what `below` makes of each root that is a directory. */
export function* walkRoots<Step>(
  roots: readonly Path[],
  options: WalkOptions,
  below: (root: Visited) => Iterable<Step>,
): Generator<Visited | Step> {
  const visited: Visited = { path: "", name: "", parentLength: 0, hash: 0, stat: new Stat() };
  const above = new Set<Path>();
  for (const root of normalizeRoots(roots)) {
    for (const path of [...directoriesAbove(root), root]) {
      if (above.has(path)) continue;
      const reason = visitPath(visited, path);
      if (reason !== undefined) {
        options.onUnreadable(root, reason);
        break;
      }
      above.add(path);
      yield visited;
      if (path === root && visited.stat.type === S_IFDIR) yield* below(visited);
    }
  }
}

function directoriesAbove(path: Path): Path[] {
  const above: Path[] = [];
  for (let parent = parentOf(path); parent !== "/"; parent = parentOf(parent)) above.unshift(parent);
  return path === "/" ? [] : above;
}

/** Visits one path given in full. Why it cannot be looked at, if it cannot. */
function visitPath(visited: Visited, path: Path): string | undefined {
  visited.path = path;
  visited.name = path;
  visited.parentLength = 0;
  visited.hash = hashPath(FNV_START, path);
  return visited.stat.at(AT_FDCWD, cString(path)) ? undefined : errnoMessage(errno());
}

/** Visits all below the visited directory; `fileSystem` is that of its root. */
export function* walkBelow(
  visited: Visited,
  fileSystem: number,
  options: WalkOptions,
): Generator<Visited> {
  const levels: Level[] = [];
  const descend = (parent: number) => {
    const level = openLevel(parent, visited, levels.length, options);
    if (level !== undefined) levels.push(level);
  };
  descend(AT_FDCWD);
  try {
    while (levels.length > 0) {
      const level = levels[levels.length - 1];
      if (level.next === level.names.length) {
        closeLevel(levels.pop()!);
        continue;
      }
      const name = level.names[level.next++];
      if (!visitChild(visited, level, name, options)) continue;
      const descends = isWalked(visited, fileSystem, options);
      yield visited;
      if (descends) descend(level.fd);
    }
  } finally {
    levels.forEach(closeLevel);
  }
}

/** Whether what is below the visited entry belongs to the walk. */
export function isWalked({ stat }: Visited, fileSystem: number, options: WalkOptions): boolean {
  return stat.type === S_IFDIR && !(options.oneFileSystem && stat.fileSystem !== fileSystem);
}

const nameBytes = new Uint8Array(4096);

/** False where there is no such entry, or it is left out. */
export function visitChild(visited: Visited, level: Level, name: string, options: WalkOptions): boolean {
  visited.path = joinPath(level.path, name);
  visited.name = name;
  visited.parentLength = level.path === "/" ? 0 : level.path.length;
  visited.hash = hashPath(hashPath(level.hash, level.path === "/" ? "" : "/"), name);
  let bytes: Uint8Array<ArrayBuffer> = nameBytes;
  if (level.fd === AT_FDCWD) bytes = cString(visited.path);
  else {
    for (let i = 0; i < name.length; i++) nameBytes[i] = name.charCodeAt(i);
    nameBytes[name.length] = 0;
  }
  if (visited.stat.at(level.fd, bytes)) {
    return !options.isExcluded(visited.path, visited.stat.type === S_IFDIR);
  }
  const code = errno();
  if (code !== ENOENT && !isLeftOut(visited.path, options)) {
    options.onUnreadable(visited.path, errnoMessage(code));
  }
  return false;
}

/** Whether what cannot be looked at is excluded, whatever it is. */
function isLeftOut(path: Path, { isExcluded }: WalkOptions): boolean {
  return isExcluded(path, true) || isExcluded(path, false);
}

/** Opens the visited directory and reads its names; `undefined` where that fails, which is reported unless it vanished. */
export function openLevel(
  parent: number,
  visited: Visited,
  depth: number,
  options: WalkOptions,
): Level | undefined {
  const { path, hash } = visited;
  try {
    const fd = parent === AT_FDCWD
      ? openDirectory(AT_FDCWD, cString(path))
      : openDirectory(parent, cString(visited.name));
    let names: string[];
    try {
      names = readNames(fd).sort();
    } catch (error) {
      closeFile(fd);
      throw error;
    }
    if (options.excludeCaches && isCacheDirectory(path, names)) names = [CACHE_TAG];
    if (depth < OPEN_LEVELS) return { fd, path, hash, names, next: 0 };
    closeFile(fd);
    return { fd: AT_FDCWD, path, hash, names, next: 0 };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.code === EMFILE) throw error;
    if (error.code !== ENOENT && error.code !== ENOTDIR) options.onUnreadable(path, error.message);
    return undefined;
  }
}

export function closeLevel(level: Level): void {
  if (level.fd !== AT_FDCWD) closeFile(level.fd);
}

export const CACHE_TAG = "CACHEDIR.TAG";
/** bford.info/cachedir: what the file begins with. */
const CACHE_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55";

/** Whether the directory at `path`, which has these names in it, is marked as a cache. */
export function isCacheDirectory(path: Path, names: readonly string[]): boolean {
  if (!names.includes(CACHE_TAG)) return false;
  try {
    const fd = openFile(cString(joinPath(path, CACHE_TAG)));
    const start = new Uint8Array(CACHE_SIGNATURE.length);
    const length = readAt(fd, start, 0);
    closeFile(fd);
    return new TextDecoder().decode(start.subarray(0, length)) === CACHE_SIGNATURE;
  } catch {
    return false;
  }
}
