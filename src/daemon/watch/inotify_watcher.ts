import { delay } from "../../base/clock.ts";
import { Mutex } from "../../base/mutex.ts";
import { displayPath, isWithin, joinPath, parentOf, type Path } from "../../model/path.ts";
import {
  IN_ATTRIB,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
  Inotify,
  type InotifyEvent,
} from "../../platform/inotify.ts";
import { ENOSPC } from "../../platform/libc.ts";
import { isRoot } from "../../platform/owners.ts";
import type { SystemError } from "../../platform/read.ts";
import { includedCovers, isCacheMark, type WatchedDirectory } from "./covers.ts";
import { changedMounts, mountPointOf, type Mounts, readMounts, remoteType } from "./mounts.ts";
import { RootStates } from "./root_states.ts";
import { Teller } from "./teller.ts";
import type { Watcher, WatchOptions, WatchState } from "./watcher.ts";
import { WatchTree } from "./watch_tree.ts";

/** Events are taken in at most this often: a program that writes all the time must not keep the daemon busy. */
const PAUSE_MS = 20;
/** Events that may wait in our memory while directories are added; more are as if lost. */
const PENDING_MAX = 200_000;

const COMES_OR_GOES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

export interface InotifyParts {
  readonly inotify?: Inotify;
  readonly mounts?: () => Mounts;
}

/**
 * Watches with Linux's inotify, called by way of libc.
 *
 * Not with `Deno.watchFs`: that drops the kernel's note that its queue overflowed, tells nothing of an unmount, goes silent for ever
 * when a root is removed, refuses a whole tree for one directory it may not read, and misses what is made in new directories before
 * they are watched. Here each of these is seen: an overflow makes everything dirty and all watches are renewed; a new directory is
 * first watched, then read, and counts as dirty with all below it; roots and mounts are compared at each {@link catchUp}; what cannot
 * be watched (too few watches, a network file system) is scanned at each interval.
 */
export class InotifyWatcher implements Watcher {
  readonly #options: WatchOptions;
  readonly #tell: Teller;
  readonly #inotify: Inotify;
  readonly #tree: WatchTree;
  readonly #roots: RootStates;
  readonly #readMounts: () => Mounts;
  readonly #oneAtATime = new Mutex();
  readonly #closed = new AbortController();
  #listening: Promise<void> = Promise.resolve();
  #mounts: Mounts;
  #pending: InotifyEvent[] = [];
  /** New directories, to be watched once the events before them are taken in. */
  #appeared: { readonly parent: WatchedDirectory; readonly name: string }[] = [];
  /** Paths below which watches are to be renewed. */
  readonly #renew = new Set<Path>();
  /** Directories of which it is not known what is in them: they are tried again at each {@link catchUp}. */
  readonly #unread = new Set<Path>();
  readonly #unwatched = new Map<Path, string>();
  #hasLostEvents = false;

  private constructor(options: WatchOptions, { inotify = new Inotify(), mounts = readMounts }: InotifyParts) {
    this.#options = options;
    this.#tell = new Teller(options);
    this.#inotify = inotify;
    this.#readMounts = mounts;
    this.#mounts = mounts();
    this.#tree = new WatchTree(inotify, {
      areas: options.areas,
      quietNames: options.quietNames,
      whyUnwatchable: (device) => this.#whyUnwatchable(device),
      onRefused: (directory, path, reason) => this.#refused(directory, path, reason),
      onUnread: (path) => void this.#unread.add(path),
      onPause: () => this.#queue(),
    });
    this.#roots = new RootStates(options.areas);
  }

  /** Resolves when all is watched that can be. Throws `SystemError` where this user may have no more of these queues. */
  static async open(options: WatchOptions, parts: InotifyParts = {}): Promise<Watcher> {
    const watcher = new InotifyWatcher(options, parts);
    watcher.#roots.compare();
    await watcher.#oneAtATime.run(() => watcher.#tree.plantAll());
    watcher.#listening = watcher.#listen();
    return watcher;
  }

  get state(): WatchState {
    return {
      directories: this.#tree.size,
      roots: this.#roots.all(),
      unwatched: [...this.#unwatched].map(([path, reason]) => ({ path, reason })),
    };
  }

  catchUp(): Promise<void> {
    return this.#oneAtATime.run(async () => {
      await this.#takeIn();
      const mounts = this.#readMounts();
      for (const path of changedMounts(this.#mounts, mounts)) this.#renew.add(path);
      this.#mounts = mounts;
      if (this.#hasLostEvents) await this.#renewAll();
      else await this.#renewSome();
      for (const path of this.#unwatched.keys()) this.#tell.below(path);
    });
  }

  /** The numbers of its descriptors are others' once they are closed: what is being watched at the moment is watched first. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#oneAtATime.run(() => this.#inotify.close());
    await this.#listening;
  }

  async #listen(): Promise<void> {
    while (await this.#inotify.wait()) {
      await this.#oneAtATime.run(() => this.#takeIn());
      await delay(PAUSE_MS, this.#closed.signal).catch(() => {});
    }
  }

  /** Takes in all that is queued now, with the directories that are new in it. */
  async #takeIn(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#queue();
    const events = this.#pending;
    this.#pending = [];
    for (const event of events) this.#take(event);
    const appeared = this.#appeared;
    this.#appeared = [];
    for (const { parent, name } of appeared) await this.#tree.add(parent, name);
    await this.#tree.release();
  }

  #queue(): void {
    for (let events = this.#inotify.read(); events.length > 0; events = this.#inotify.read()) {
      if (this.#pending.length + events.length > PENDING_MAX) this.#lost();
      else for (const event of events) this.#pending.push(event);
    }
  }

  #take({ watch, mask, name }: InotifyEvent): void {
    if (mask & IN_Q_OVERFLOW) return this.#lost();
    for (const directory of this.#tree.of(watch)) {
      if (name === "") this.#takeOwn(directory, mask);
      else this.#takeEntry(directory, mask, name);
    }
    if (mask & IN_IGNORED) this.#tree.forget(watch);
  }

  /** An event of the directory itself; of those below others the parent tells more. */
  #takeOwn(directory: WatchedDirectory, mask: number): void {
    const path = directory.path;
    if (mask & IN_UNMOUNT) this.#renew.add(mountPointOf(this.#mounts, path));
    const isTop = directory.parent === undefined;
    if (isTop && mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) {
      this.#tell.subtree(directory.covers, path, false);
      this.#tree.detach(directory);
    } else if (mask & IN_IGNORED) this.#tree.detach(directory);
    else if (mask & IN_ATTRIB) this.#tell.directory(directory.covers, path, directory.isQuiet);
  }

  #takeEntry(directory: WatchedDirectory, mask: number, name: string): void {
    const path = directory.path;
    const entry = joinPath(path, name);
    const isDirectory = (mask & IN_ISDIR) !== 0;
    const isQuiet = directory.isQuiet || isDirectory && this.#options.quietNames.includes(name);
    if (isDirectory) this.#takeChild(directory, mask, name, isQuiet);
    if (isCacheMark(directory.covers, name)) {
      this.#renew.add(path);
      this.#tell.subtree(directory.covers, path, isQuiet);
    }
    for (const cover of directory.covers) {
      const isExcluded = !cover.isEdge && cover.area.isExcluded(entry, isDirectory);
      if (isExcluded && !(mask & COMES_OR_GOES)) continue;
      this.#options.sink.directory(cover.area, path, isQuiet || cover.isEdge || isExcluded);
    }
  }

  #takeChild(directory: WatchedDirectory, mask: number, name: string, isQuiet: boolean): void {
    const child = directory.children?.get(name);
    const path = joinPath(directory.path, name);
    // Root reads everything; for others a change of rights may bring things into view.
    const mayBecomeReadable = mask & IN_ATTRIB && (child === undefined || child.watch < 0 || !isRoot());
    if (mask & (IN_CREATE | IN_MOVED_TO) || mayBecomeReadable) {
      this.#tell.subtree(includedCovers(directory.covers, path, true), path, isQuiet);
      this.#appeared.push({ parent: directory, name });
    } else if (mask & (IN_DELETE | IN_MOVED_FROM) && child !== undefined) this.#tree.detach(child);
  }

  async #renewAll(): Promise<void> {
    this.#hasLostEvents = false;
    this.#renew.clear();
    this.#unread.clear();
    this.#unwatched.clear();
    this.#roots.compare();
    await this.#tree.plantAll();
    this.#tell.all();
  }

  async #renewSome(): Promise<void> {
    for (const path of this.#unread) this.#tell.below(path);
    const renew = new Set([...this.#renew, ...this.#unread, ...this.#changedRoots()]);
    this.#renew.clear();
    this.#unread.clear();
    for (const path of renew) {
      const parent = this.#tree.find(parentOf(path));
      if (parent !== undefined) {
        this.#tell.subtree(includedCovers(parent.covers, path, true), path, parent.isQuiet);
      }
      for (const unwatched of this.#unwatched.keys()) {
        if (isWithin(unwatched, path)) this.#unwatched.delete(unwatched);
      }
      await this.#tree.renew(path);
    }
    await this.#tree.release();
  }

  /** Roots at which there is something else than before, or a directory that ought to be watched and is not. */
  #changedRoots(): Path[] {
    const changed = this.#roots.compare();
    for (const { path, isDirectory } of this.#roots.all()) {
      const isKnown = changed.includes(path) ||
        [...this.#unwatched.keys()].some((unwatched) => isWithin(path, unwatched));
      if (isDirectory && !isKnown && (this.#tree.find(path)?.watch ?? -1) < 0) changed.push(path);
    }
    for (const path of changed) this.#tell.below(path);
    return changed;
  }

  #lost(): void {
    this.#hasLostEvents = true;
    this.#tell.all();
    this.#tell.warnOnce(
      "More changed at once than the kernel can queue, so the next backup looks at everything; nothing is lost. If this is often: " +
        "sysctl fs.inotify.max_queued_events=131072",
    );
  }

  #whyUnwatchable(device: number): string | undefined {
    const type = remoteType(this.#mounts, device);
    return type && `it is on a network file system (${type}), of which the kernel does not tell all changes`;
  }

  #refused(directory: WatchedDirectory, path: Path, reason: string | SystemError): void {
    if (typeof reason === "string") return this.#lookThrough(path, reason);
    if (reason.code !== ENOSPC) return this.#lookThrough(path, reason.message);
    let top = directory;
    while (top.parent !== undefined) top = top.parent;
    this.#tree.detach(top);
    const advice = "raise the limit, as in sysctl fs.inotify.max_user_watches=1048576, and reload the daemon";
    this.#lookThrough(top.name, `this user may not watch so many directories; ${advice}`);
  }

  #lookThrough(path: Path, reason: string): void {
    this.#unwatched.set(path, reason);
    this.#tell.warnOnce(
      `Cannot watch "${displayPath(path)}": ${reason}. All of it is scanned at each interval instead`,
    );
  }
}
