import type { Path } from "../model/path.ts";
import { realPath } from "../model/path_alias.ts";
import { cString, ELOOP, EMFILE, ENOENT, ENOTDIR } from "../platform/libc.ts";
import { openDirectoryAt } from "../platform/no_links.ts";
import { closeFile, openDirectory, openFileIn, readNames, readOnce, SystemError } from "../platform/read.ts";
import { Stat } from "../platform/stat.ts";
import type { Visited, WalkScope } from "./visited.ts";

/** So many directories are held open at most, however deep they are nested. */
const OPEN_LEVELS = 200;

type LevelPlace = Pick<Level, "path" | "hash" | "names" | "fileSystem" | "isWay"> & {
  readonly at?: Path;
  readonly mayExclude?: boolean;
};

/** A directory being walked, held open: what is in it is looked at by its descriptor. */
export class Level {
  readonly path: Path;
  /** Where it is. */
  readonly at: Path;
  readonly hash: number;
  /** Of what is still to be visited in it, in order. */
  readonly names: readonly string[];
  readonly fileSystem: number;
  /** It is not walked itself: only names that lead to other roots are visited. */
  readonly isWay: boolean;
  /** Whether an entry of it may be excluded; true where that is not known. */
  readonly mayExclude: boolean;
  /** Names that it had when someone asked. */
  #listed: ReadonlySet<string> | undefined;
  /** Which directory it is, once it was closed. */
  #own = "";
  #fd: number;
  next = 0;

  constructor(fd: number, place: LevelPlace) {
    this.#fd = fd;
    this.path = place.path;
    this.at = place.at ?? place.path;
    this.hash = place.hash;
    this.names = place.names;
    this.fileSystem = place.fileSystem;
    this.isWay = place.isWay;
    this.mayExclude = place.mayExclude ?? true;
  }

  /** Its directory is opened by its path when it is needed. */
  static unopened(place: LevelPlace): Level {
    return new Level(-1, place);
  }

  /** Throws `SystemError` where it was closed meanwhile, and its path leads to another directory now. */
  get fd(): number {
    if (this.#fd < 0) {
      const fd = openDirectoryAt(this.at);
      if (this.#own !== "" && identityOf(fd) !== this.#own) {
        closeFile(fd);
        throw new SystemError(ENOENT);
      }
      this.#fd = fd;
    }
    return this.#fd;
  }

  /** Whether the directory lists `name`, now or, where it does not, at some time of the walk. */
  lists(name: string): boolean {
    if (this.#listed?.has(name) === false) return false;
    this.#listed = namesNow(this);
    return this.#listed.has(name);
  }

  /** Closes it for now: it is opened again when it is needed. */
  rest(): void {
    if (this.#fd >= 0) this.#own = identityOf(this.#fd);
    this.close();
  }

  close(): void {
    if (this.#fd >= 0) closeFile(this.#fd);
    this.#fd = -1;
  }
}

/** Whether a call that ended so says that the entry, or a directory on the way to it, is not there any more. */
export function hasVanished(code: number): boolean {
  return code === ENOENT || code === ENOTDIR || code === ELOOP;
}

/** None where it cannot be read any more. */
function namesNow(level: Level): ReadonlySet<string> {
  try {
    const fd = openDirectory(level.fd, cString("."));
    try {
      return new Set(readNames(fd));
    } finally {
      closeFile(fd);
    }
  } catch (error) {
    if (error instanceof SystemError) return new Set();
    throw error;
  }
}

const stat = new Stat();

function identityOf(fd: number): string {
  return stat.of(fd) ? `${stat.fileSystem}:${stat.inode}` : "";
}

/** The directories from a root to where a walk is. */
export class Levels implements Disposable {
  readonly #levels: Level[] = [];

  get last(): Level | undefined {
    return this.#levels.at(-1);
  }

  push(level: Level): void {
    this.#levels.push(level);
    this.#levels.at(-1 - OPEN_LEVELS)?.rest();
  }

  pop(): void {
    this.#levels.pop()?.close();
  }

  [Symbol.dispose](): void {
    for (const level of this.#levels) level.close();
  }
}

/** Where a directory that was just visited is, and how it is walked. */
export interface Descent {
  /** The level that it is an entry of; without one it is opened by its path. */
  readonly parent: Level | undefined;
  readonly fileSystem: number;
  readonly isWay: boolean;
}

/** Opens the visited directory and reads its names; `undefined` where that fails, which is reported unless it vanished. */
export function openLevel(visited: Visited, descent: Descent, scope: WalkScope): Level | undefined {
  const { path, hash, name } = visited;
  try {
    const { parent, fileSystem, isWay } = descent;
    const at = scope.aliases === undefined ? path : realPath(scope.aliases, path);
    const fd = parent === undefined ? openDirectoryAt(at) : openDirectory(parent.fd, cString(name));
    try {
      const names = isWay ? [] : inOrder(readNames(fd));
      const mayExclude = scope.isExcluded.mayBeIn?.(path);
      const isCache = scope.excludeCaches && isCacheDirectory(fd, names);
      if (!isWay && !isCache) return new Level(fd, { path, at, hash, names, fileSystem, isWay, mayExclude });
      if (isCache && !isWay) scope.onExcluded?.();
      const some = [...isCache ? [CACHE_TAG] : [], ...scope.roots.namesTowards(path)];
      return new Level(fd, { path, at, hash, names: some, fileSystem, isWay: true, mayExclude });
    } catch (error) {
      closeFile(fd);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof SystemError) || error.code === EMFILE) throw error;
    if (!hasGone(error.code, descent.parent, name)) scope.onUnreadable(path, error.message);
    return undefined;
  }
}

/** Sorted, each once: a directory may list what is moved meanwhile twice. */
function inOrder(names: string[]): string[] {
  return names.sort().filter((name, i) => name !== names[i - 1]);
}

/** Of a directory that was there when it was looked at; a root is never gone without a word. */
function hasGone(code: number, parent: Level | undefined, name: string): boolean {
  return parent !== undefined && hasVanished(code) && !(code === ENOENT && parent.lists(name));
}

export const CACHE_TAG = "CACHEDIR.TAG";
/** bford.info/cachedir: what the file begins with. */
const CACHE_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55";

/** As {@link isCacheDirectory}, of the directory at `path`. */
export function isCacheAt(path: Path): boolean {
  let fd: number;
  try {
    fd = openDirectoryAt(path);
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
  const isCache = isCacheDirectory(fd, [CACHE_TAG]);
  closeFile(fd);
  return isCache;
}

/** Whether the open directory, which has these names in it, is marked as a cache. */
export function isCacheDirectory(directory: number, names: readonly string[]): boolean {
  if (!names.includes(CACHE_TAG)) return false;
  try {
    const fd = openFileIn(directory, cString(CACHE_TAG));
    const start = new Uint8Array(CACHE_SIGNATURE.length);
    const length = readOnce(fd, start, 0);
    closeFile(fd);
    return new TextDecoder().decode(start.subarray(0, length)) === CACHE_SIGNATURE;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
