import { atLeast } from "../../base/at_least.ts";
import { isWithin, parentOf, type Path, pathOf, textOf } from "../../model/path.ts";
import { CACHE_TAG } from "../../scan/level.ts";
import { EventFence } from "./event_fence.ts";
import { RootStates } from "./root_states.ts";
import { Teller } from "./teller.ts";
import type { Area, Watcher, WatchOptions, WatchState } from "./watcher.ts";

/** Deno before 2.9 has a queue of 16 events, and drops what does not fit without a word; … */
const OLD_QUEUE = 16;
/** … later ones flag that, but not that the kernel's queue was full. This is a quarter of the least of those. */
const KERNEL_BURST = 4_096;
/** Events closer together than this are one burst. */
const PAUSE_MS = 200;

/** How many events of one burst come for certain. */
export function burstMax(denoVersion: string): number {
  const [major, minor] = atLeast(2, denoVersion.split(".").map(Number));
  return major > 2 || minor >= 9 ? KERNEL_BURST : OLD_QUEUE / 2;
}

export interface DenoWatcherParts {
  readonly denoVersion?: string;
  /** Where a file of its own is made, to find out what was delivered. */
  readonly temporary?: string;
}

/**
 * Watches with `Deno.watchFs`. It may lose events and says so seldom, so a burst, a `rescan` flag, a root that came, went or was
 * replaced, an event of our own that does not come, and an error make everything dirty.
 */
export class DenoWatcher implements Watcher {
  readonly #options: WatchOptions;
  readonly #tell: Teller;
  readonly #roots: RootStates;
  readonly #burstMax: number;
  readonly #temporary: string | undefined;
  #fence: EventFence | undefined;
  #events: Deno.FsWatcher | undefined;
  #listening: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #burst = { count: 0, lastMs: 0 };

  constructor(options: WatchOptions, { denoVersion = Deno.version.deno, temporary }: DenoWatcherParts = {}) {
    this.#options = options;
    this.#temporary = temporary;
    this.#burstMax = burstMax(denoVersion);
    this.#tell = new Teller(options);
    this.#roots = new RootStates(options.areas);
    this.#roots.compare();
    this.#open();
  }

  get state(): WatchState {
    const roots = this.#roots.all();
    const reason = this.#failure;
    return {
      directories: 0,
      roots,
      unwatched: reason === undefined ? [] : roots.map(({ path }) => ({ path, reason })),
    };
  }

  async catchUp(): Promise<void> {
    const isComplete = await this.#isDelivered();
    const changed = this.#roots.compare();
    for (const path of changed) this.#tell.below(path);
    if (!isComplete) this.#tell.all();
    if (changed.length > 0 || !isComplete) {
      await this.#close();
      this.#open();
    }
    if (this.#failure !== undefined) this.#tell.all();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** A directory made meanwhile is watched when the events of before are delivered: the second time tells of what is in it. */
  async #isDelivered(): Promise<boolean> {
    if (this.#fence === undefined) return true;
    return await this.#fence.pass() && await this.#fence.pass();
  }

  #open(): void {
    const roots = this.#roots.all().filter(({ isThere }) => isThere).map(({ path }) => textOf(path) ?? path);
    this.#failure = undefined;
    if (roots.length === 0) return;
    try {
      this.#fence = new EventFence(this.#temporary);
      this.#events = Deno.watchFs([...roots, this.#fence.directory], { recursive: true });
      this.#listening = this.#listen(this.#events);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #close(): Promise<void> {
    this.#events?.close();
    this.#events = undefined;
    this.#stopFence();
    await this.#listening;
  }

  async #listen(events: Deno.FsWatcher): Promise<void> {
    try {
      for await (const event of events) this.#take(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #stopFence(): void {
    this.#fence?.[Symbol.dispose]();
    this.#fence = undefined;
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#stopFence();
    this.#tell.all();
    this.#tell.warnOnce(
      `Cannot watch for changes: ${this.#failure}. Everything is scanned at each interval instead`,
    );
  }

  #take({ kind, paths, flag }: Deno.FsEvent): void {
    const nowMs = performance.now();
    this.#burst = { count: nowMs - this.#burst.lastMs < PAUSE_MS ? this.#burst.count + 1 : 1, lastMs: nowMs };
    if (flag === "rescan" || this.#burst.count > this.#burstMax) this.#tell.all();
    for (const text of paths) {
      if (this.#fence?.owns(text)) this.#fence.take(text);
      else if (kind !== "access") this.#takePath(text);
    }
  }

  #takePath(text: string): void {
    const isDirectory = isDirectoryNow(text);
    for (const area of this.#options.areas) this.#takeFor(area, pathOf(text), isDirectory);
  }

  #takeFor(area: Area, path: Path, isDirectory: boolean): void {
    const root = area.roots.find((root) => isWithin(path, root));
    if (root === undefined) return;
    const { sink, quietNames } = this.#options;
    const isQuiet = path.slice(root.length).split("/").some((name) => quietNames.includes(name));
    for (let above = parentOf(path); isWithin(above, root) && above !== root; above = parentOf(above)) {
      if (area.isExcluded(above, true)) return;
    }
    const isExcluded = path !== root && area.isExcluded(path, isDirectory);
    sink.directory(area, path === root ? root : parentOf(path), isQuiet || isExcluded);
    if (isDirectory && !isExcluded) sink.subtree(area, path, isQuiet);
    if (area.excludeCaches && path.endsWith(`/${CACHE_TAG}`)) sink.subtree(area, parentOf(path), isQuiet);
  }
}

function isDirectoryNow(path: string): boolean {
  try {
    return Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}
