import { joinPath, type Path } from "../model/path.ts";
import { realPath } from "../model/path_alias.ts";
import { cString, EMFILE, ENOTDIR } from "../platform/libc.ts";
import { openDirectoryAt, statNoLinks } from "../platform/no_links.ts";
import { closeFile, openDirectory, surveyDirectory, SystemError } from "../platform/read.ts";
import { S_IFDIR, S_IFREG, Stat } from "../platform/stat.ts";
import { CACHE_TAG, isCacheDirectory, Level, Levels } from "./level.ts";
import type { WalkOptions, WalkScope } from "./visited.ts";
import { isForeign, scopeOf } from "./walk.ts";

/** So many files of a directory are looked at; the others are taken to be like them. */
const LOOKED_AT = 4;

/** Entries, and the bytes of files. */
export interface Estimate {
  entries: number;
  bytes: number;
}

/**
 * About what a walk of `roots` would visit, for a small part of its cost: directories are listed, and of their files a few are looked at.
 * What cannot be looked at counts for nothing.
 */
export function estimate(roots: readonly Path[], options: WalkOptions): Estimate {
  const scope = scopeOf(roots, options);
  const total = { entries: 0, bytes: 0 };
  for (const root of scope.roots.outermost) addRoot(root, scope, total);
  return { entries: Math.round(total.entries), bytes: Math.round(total.bytes) };
}

const stat = new Stat();

function addRoot(path: Path, scope: WalkScope, total: Estimate): void {
  const at = realPath(scope.aliases ?? [], path);
  try {
    statNoLinks(stat, at);
    total.entries++;
    if (stat.type === S_IFREG) total.bytes += stat.size;
    if (stat.type === S_IFDIR) addBelow(path, openDirectoryAt(at), scope, total);
  } catch (error) {
    if (!(error instanceof SystemError) || error.code === EMFILE) throw error;
  }
}

function addBelow(root: Path, rootFd: number, scope: WalkScope, total: Estimate): void {
  using levels = new Levels();
  levels.push(levelOf(rootFd, root, scope, total));
  for (let level = levels.last; level !== undefined; level = levels.last) {
    if (level.next === level.names.length) {
      levels.pop();
      continue;
    }
    const name = level.names[level.next++]!;
    const path = joinPath(level.path, name);
    if (scope.isExcluded(path, true)) continue;
    const fd = directoryIn(level, name, total);
    if (fd === undefined) continue;
    total.entries++;
    if (stat.of(fd) && stat.fileSystem !== level.fileSystem && isForeign({ path, stat }, scope)) {
      closeFile(fd);
    } else levels.push(levelOf(fd, path, scope, total));
  }
}

/** Opens a directory in `level`; what turns out to be none is counted. */
function directoryIn(level: Level, name: string, total: Estimate): number | undefined {
  try {
    return openDirectory(level.fd, cString(name));
  } catch (error) {
    if (!(error instanceof SystemError) || error.code === EMFILE) throw error;
    if (error.code === ENOTDIR && stat.at(level.fd, cString(name))) add(total, stat);
    return undefined;
  }
}

function add(total: Estimate, { type, size }: Stat): void {
  total.entries++;
  if (type === S_IFREG) total.bytes += size;
}

/** Takes an open directory, and counts what is in it and no directory. */
function levelOf(fd: number, path: Path, scope: WalkScope, total: Estimate): Level {
  const fileSystem = stat.of(fd) ? stat.fileSystem : 0;
  const level = { path, hash: 0, fileSystem, isWay: false };
  if (scope.excludeCaches && isCacheDirectory(fd, [CACHE_TAG])) return new Level(fd, { ...level, names: [] });
  const { directories, others, some } = surveyDirectory(fd, LOOKED_AT);
  const looked = { entries: 0, bytes: 0 };
  for (const name of some) {
    if (!scope.isExcluded(joinPath(path, name), false) && stat.at(fd, cString(name))) add(looked, stat);
  }
  const share = some.length === 0 ? 0 : others / some.length;
  total.entries += looked.entries * share;
  total.bytes += looked.bytes * share;
  return new Level(fd, { ...level, names: directories });
}
