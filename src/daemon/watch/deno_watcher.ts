import { isWithin, parentOf, type Path, pathOf, textOf } from "../../model/path.ts";
import { CACHE_TAG } from "../../scan/level.ts";
import { RootStates } from "./root_states.ts";
import { Teller } from "./teller.ts";
import type { Area, Watcher, WatchOptions, WatchState } from "./watcher.ts";

/** A quarter of the least queue of a kernel: a longer burst without a pause may have lost events without a word. */
const BURST_MAX = 4_096;
/** Events closer together than this are one burst. */
const PAUSE_MS = 200;

/**
 * Watches with `Deno.watchFs`: for systems without inotify. It may lose events and says so seldom, so a burst, a `rescan` flag, a
 * root that came, went or was replaced, and an error make everything dirty.
 */
export class DenoWatcher implements Watcher {
  readonly #options: WatchOptions;
  readonly #tell: Teller;
  readonly #roots: RootStates;
  #events: Deno.FsWatcher | undefined;
  #listening: Promise<void> = Promise.resolve();
  #failure: string | undefined;
  #burst = { count: 0, lastMs: 0 };

  constructor(options: WatchOptions) {
    this.#options = options;
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
    // What the system has queued is delivered by the event loop.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const changed = this.#roots.compare();
    for (const path of changed) this.#tell.below(path);
    if (changed.length > 0) {
      await this.#close();
      this.#open();
    }
    if (this.#failure !== undefined) this.#tell.all();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #open(): void {
    const roots = this.#roots.all().filter(({ isThere }) => isThere).map(({ path }) => textOf(path) ?? path);
    this.#failure = undefined;
    try {
      if (roots.length > 0) this.#events = Deno.watchFs(roots, { recursive: true });
    } catch (error) {
      this.#fail(error);
    }
    if (this.#events !== undefined) this.#listening = this.#listen(this.#events);
  }

  async #close(): Promise<void> {
    this.#events?.close();
    this.#events = undefined;
    await this.#listening;
  }

  async #listen(events: Deno.FsWatcher): Promise<void> {
    try {
      for await (const event of events) this.#take(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#tell.all();
    this.#tell.warnOnce(
      `Cannot watch for changes: ${this.#failure}. Everything is scanned at each interval instead`,
    );
  }

  #take({ kind, paths, flag }: Deno.FsEvent): void {
    if (kind === "access") return;
    const nowMs = performance.now();
    this.#burst = { count: nowMs - this.#burst.lastMs < PAUSE_MS ? this.#burst.count + 1 : 1, lastMs: nowMs };
    if (flag === "rescan" || this.#burst.count > BURST_MAX) return this.#tell.all();
    for (const text of paths) {
      const path = pathOf(text);
      for (const area of this.#options.areas) this.#takeFor(area, path, isDirectoryNow(text));
    }
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
