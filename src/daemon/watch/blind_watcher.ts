import { RootStates } from "./root_states.ts";
import { Teller } from "./teller.ts";
import type { Watcher, WatchOptions, WatchState } from "./watcher.ts";

/** Where nothing can be watched: everything is scanned at each interval. */
export class BlindWatcher implements Watcher {
  readonly #tell: Teller;
  readonly #roots: RootStates;
  readonly #reason: string;

  constructor(options: WatchOptions, reason: string) {
    this.#tell = new Teller(options);
    this.#roots = new RootStates(options.areas);
    this.#reason = reason;
    this.#tell.warnOnce(
      `Cannot watch for changes: ${reason}. Everything is scanned at each interval instead`,
    );
  }

  get state(): WatchState {
    this.#roots.compare();
    const roots = this.#roots.all();
    return { directories: 0, roots, unwatched: roots.map(({ path }) => ({ path, reason: this.#reason })) };
  }

  catchUp(): Promise<void> {
    this.#tell.all();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
