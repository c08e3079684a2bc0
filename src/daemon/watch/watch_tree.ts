import { append } from "../../base/append.ts";
import { atLeast } from "../../base/at_least.ts";
import { isWithin, joinPath, parentOf, type Path, sortKey } from "../../model/path.ts";
import { Inotify } from "../../platform/inotify.ts";
import { AT_FDCWD, cString, EACCES, ELOOP, ENOENT, ENOTDIR, EPERM } from "../../platform/libc.ts";
import { closeFile, openDirectory, readDirectoryNames, SystemError } from "../../platform/read.ts";
import { S_IFDIR, Stat } from "../../platform/stat.ts";
import { childCovers, rootCovers, WatchedDirectory } from "./covers.ts";
import type { Area } from "./watcher.ts";

/** How long the thread is kept before signals and others have their turn. */
const SLICE_MS = 10;
/** Watches removed at a time: each leaves an event in a queue that holds 16,384. */
const RELEASED_AT_ONCE = 4_000;

const VANISHED = [ENOENT, ENOTDIR, ELOOP];
const FORBIDDEN = [EACCES, EPERM];

export interface TreeOptions {
  readonly areas: readonly Area[];
  readonly quietNames: readonly string[];
  /** Why the file system with this number cannot be watched, if it cannot. */
  readonly whyUnwatchable: (device: number) => string | undefined;
  /** The directory cannot be watched, and nothing below it is. */
  readonly onRefused: (directory: WatchedDirectory, path: Path, reason: string | SystemError) => void;
  /** The directory is watched, but could not be read now: of what is in it nothing is watched. */
  readonly onUnread: (path: Path) => void;
  /** Called between slices of long work. */
  readonly onPause: () => void;
}

/** The watched directories: from a watch to its paths, and from a path to its watch. */
export class WatchTree {
  readonly #inotify: Inotify;
  readonly #options: TreeOptions;
  readonly #tops = new Map<Path, WatchedDirectory>();
  readonly #byWatch = new Map<number, WatchedDirectory>();
  /** Further paths of a watched directory: bind mounts. */
  readonly #aliases = new Map<number, WatchedDirectory[]>();
  /** Taken out of the tree; what of their watches no one has claimed is removed. */
  readonly #detached: WatchedDirectory[] = [];
  readonly #roots: ReadonlySet<Path>;
  readonly #stat = new Stat();

  constructor(inotify: Inotify, options: TreeOptions) {
    this.#inotify = inotify;
    this.#options = options;
    this.#roots = new Set(options.areas.flatMap(({ roots }) => roots));
  }

  get size(): number {
    return this.#byWatch.size;
  }

  /** Directories of the tree that `watch` stands for. */
  of(watch: number): readonly WatchedDirectory[] {
    const first = this.#byWatch.get(watch);
    if (first === undefined) return [];
    const others = this.#aliases.get(watch);
    return (others === undefined ? [first] : [first, ...others]).filter((directory) =>
      this.#isAttached(directory)
    );
  }

  find(path: Path): WatchedDirectory | undefined {
    for (const [top, directory] of this.#tops) {
      if (!isWithin(path, top)) continue;
      const names = path.slice(top.length).split("/").filter((name) => name !== "");
      const found = names.reduce<WatchedDirectory | undefined>(
        (at, name) => at?.children?.get(name),
        directory,
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Watches all roots again. */
  async plantAll(): Promise<void> {
    for (const top of [...this.#tops.values()]) this.detach(top);
    const roots = [...this.#roots].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    for (const root of roots) {
      if (this.find(root) === undefined) await this.renew(root);
      await this.release();
    }
  }

  /** Watches again what is at `path`, a root or something below one, with all below it. */
  async renew(path: Path): Promise<void> {
    const old = this.find(path);
    const parent = old?.parent ?? this.find(parentOf(path));
    if (old !== undefined) this.detach(old);
    const name = path.slice(path.lastIndexOf("/") + 1);
    const renewed =
      (parent === undefined || path === "/" ? undefined : this.#child(parent, parent.path, name)) ??
        this.#top(path);
    if (renewed !== undefined) await this.#grow(renewed);
  }

  /** Watches the directory `name` in `parent`, and all below it. */
  async add(parent: WatchedDirectory, name: string): Promise<void> {
    if (!this.#isAttached(parent)) return;
    const child = this.#child(parent, parent.path, name);
    if (child !== undefined) await this.#grow(child);
  }

  /** Takes `directory` and all below it out of the tree; the watches go with {@link release}. */
  detach(directory: WatchedDirectory): void {
    if (!this.#isAttached(directory)) return;
    if (directory.parent === undefined) this.#tops.delete(directory.name);
    else directory.parent.children?.delete(directory.name);
    this.#detached.push(directory);
  }

  /** After the kernel has removed the watch. */
  forget(watch: number): void {
    for (const directory of [this.#byWatch.get(watch), ...this.#aliases.get(watch) ?? []]) {
      if (directory !== undefined) directory.watch = -1;
    }
    this.#byWatch.delete(watch);
    this.#aliases.delete(watch);
  }

  /** Removes the watches of what was detached. A directory that was moved within the tree has its watch at its new place by now. */
  async release(): Promise<void> {
    let released = 0;
    for (let directory = this.#detached.pop(); directory !== undefined; directory = this.#detached.pop()) {
      append(this.#detached, directory.children?.values() ?? []);
      const { watch } = directory;
      directory.watch = -1;
      if (watch < 0 || this.#isWatchOfOther(watch, directory)) continue;
      this.#byWatch.delete(watch);
      this.#inotify.remove(watch);
      if (++released % RELEASED_AT_ONCE === 0) await this.#pause();
    }
  }

  #isWatchOfOther(watch: number, directory: WatchedDirectory): boolean {
    const others = this.of(watch).filter((other) => other !== directory && this.#isAttached(other));
    if (others.length === 0) {
      this.#aliases.delete(watch);
      return this.#byWatch.get(watch) !== directory;
    }
    this.#setHolders(watch, others);
    return true;
  }

  #isAttached(directory: WatchedDirectory): boolean {
    for (let at = directory; at.parent !== undefined; at = at.parent) {
      if (at.parent.children?.get(at.name) !== at) return false;
      if (at.parent.parent === undefined) return this.#tops.get(at.parent.name) === at.parent;
    }
    return this.#tops.get(directory.name) === directory;
  }

  #top(path: Path): WatchedDirectory | undefined {
    if (!this.#roots.has(path) || !this.#isDirectory(path)) return undefined;
    const top = new WatchedDirectory(
      path,
      undefined,
      rootCovers(this.#options.areas, path, this.#stat.fileSystem),
      false,
    );
    this.#tops.set(path, top);
    return top;
  }

  #child(parent: WatchedDirectory, parentPath: Path, name: string): WatchedDirectory | undefined {
    const path = joinPath(parentPath, name);
    const old = parent.children?.get(name);
    if (old !== undefined) this.detach(old);
    if (!this.#isDirectory(path)) return undefined;
    const device = this.#stat.fileSystem;
    const inherited = childCovers(parent.covers, path, device);
    const isRoot = this.#roots.has(path);
    const covers = isRoot ? [...inherited, ...rootCovers(this.#options.areas, path, device)] : inherited;
    if (covers.length === 0) return undefined;
    const isQuiet = !isRoot && (parent.isQuiet || this.#options.quietNames.includes(name));
    const child = new WatchedDirectory(name, parent, covers, isQuiet);
    parent.children ??= new Map();
    parent.children.set(name, child);
    return child;
  }

  #isDirectory(path: Path): boolean {
    return this.#stat.at(AT_FDCWD, cString(path)) && this.#stat.type === S_IFDIR;
  }

  /** Watches `start` and all below it. A directory is watched before it is read, so that none made meanwhile is missed. */
  async #grow(start: WatchedDirectory): Promise<void> {
    const stack = [start];
    let startedMs = performance.now();
    for (let directory = stack.pop(); directory !== undefined; directory = stack.pop()) {
      const path = directory.path;
      if (!this.#isAttached(directory) || !this.#watch(directory, path) || directory.isAllEdge) continue;
      for (const name of this.#directoriesIn(path)) {
        const child = this.#child(directory, path, name);
        if (child !== undefined) stack.push(child);
      }
      if (performance.now() - startedMs < SLICE_MS) continue;
      await this.#pause();
      startedMs = performance.now();
    }
  }

  /** Names of the directories in the one at `path`; none where this user may not read it: then what is in it cannot be backed up either. */
  #directoriesIn(path: Path): string[] {
    try {
      return readDirectoriesIn(path);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (![...VANISHED, ...FORBIDDEN].includes(error.code)) this.#options.onUnread(path);
      return [];
    }
  }

  #watch(directory: WatchedDirectory, path: Path): boolean {
    const { whyUnwatchable, onRefused } = this.#options;
    try {
      const reason = directory.isAllEdge || !this.#isDirectory(path)
        ? undefined
        : whyUnwatchable(this.#stat.fileSystem);
      if (reason === undefined) this.#claim(directory, path, this.#inotify.add(path));
      else onRefused(directory, path, reason);
      return reason === undefined;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (VANISHED.includes(error.code)) this.detach(directory);
      else if (!FORBIDDEN.includes(error.code)) onRefused(directory, path, error);
      return false;
    }
  }

  /** The kernel gives one watch for one inode: who had it has moved here, unless it is still there under its other path. */
  #claim(directory: WatchedDirectory, path: Path, watch: number): void {
    directory.watch = watch;
    const others = this.of(watch).filter((other) => other !== directory && isSameInode(other.path, path));
    this.#setHolders(watch, [...others, directory]);
  }

  #setHolders(watch: number, holders: readonly WatchedDirectory[]): void {
    const [first, ...others] = atLeast(1, holders);
    this.#byWatch.set(watch, first);
    if (others.length === 0) this.#aliases.delete(watch);
    else this.#aliases.set(watch, others);
  }

  async #pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#options.onPause();
  }
}

const [one, other] = [new Stat(), new Stat()];

function isSameInode(a: Path, b: Path): boolean {
  return one.at(AT_FDCWD, cString(a)) && other.at(AT_FDCWD, cString(b)) && one.inode === other.inode &&
    one.fileSystem === other.fileSystem;
}

function readDirectoriesIn(path: Path): string[] {
  const fd = openDirectory(AT_FDCWD, cString(path));
  try {
    return readDirectoryNames(fd);
  } finally {
    closeFile(fd);
  }
}
