import { UnavailableError } from "../../src/base/errors.ts";
import type { Clock } from "../../src/daemon/clock.ts";
import { Daemon } from "../../src/daemon/daemon.ts";
import type { Taken } from "../../src/daemon/dirty_set.ts";
import type { DaemonParts, DaemonSettings } from "../../src/daemon/parts.ts";
import type { Watcher, WatchOptions } from "../../src/daemon/watch/watcher.ts";

export const away = new UnavailableError("Cannot reach the store");

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A clock that goes on only when it is moved; whoever waits is woken in order. */
export class FakeClock implements Clock {
  #nowMs: number;
  /** What a sleeping machine or a wrong clock adds to the wall clock. */
  #offsetMs = 0;
  #waits: { readonly atMs: number; readonly resolve: () => void }[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs + this.#offsetMs;
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const wait = { atMs: this.#nowMs + ms, resolve };
      this.#waits.push(wait);
      signal.addEventListener("abort", () => {
        this.#waits = this.#waits.filter((other) => other !== wait);
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** The wall clock is set, while timers go on. */
  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (let next = this.#first(endMs); next !== undefined; next = this.#first(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waits = this.#waits.filter((wait) => wait !== next);
      next.resolve();
      await settled();
    }
    this.#nowMs = endMs;
  }

  #first(endMs: number) {
    const due = this.#waits.filter(({ atMs }) => atMs <= endMs);
    return due.length === 0
      ? undefined
      : due.reduce((first, other) => (other.atMs < first.atMs ? other : first));
  }
}

/** Everything that can go on without time passing has gone on: promises only, no timers. */
async function settled(): Promise<void> {
  for (let i = 0; i < 60; i++) await undefined;
}

export interface Run {
  readonly name: string;
  readonly startMs: number;
  endMs: number;
  readonly taken: Taken;
  readonly succeeded: boolean;
}

const SNAPSHOT = {
  isExcluded: () => false,
  isAlwaysDue: false,
  haveMoved: () => false,
  oneFileSystem: false,
  excludeCaches: false,
};

export function settings(change: Partial<DaemonSettings> = {}): DaemonSettings {
  return {
    snapshots: [
      { ...SNAPSHOT, name: "home", roots: ["/home"], key: "home" },
      { ...SNAPSHOT, name: "etc", roots: ["/etc"], key: "etc" },
    ],
    intervals: { backupMs: HOUR, fullScanMs: DAY, minPauseMs: 15 * MINUTE },
    quietNames: [],
    watcher: "auto",
    ...change,
  };
}

/** A daemon with a clock, a watcher and backups that a test is in charge of. */
export class Simulated {
  readonly clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
  readonly startMs = this.clock.nowMs();
  readonly runs: Run[] = [];
  readonly lines: string[] = [];
  readonly states: string[] = [];
  readonly daemon: Daemon;
  settings: DaemonSettings;
  /** What reloading throws instead of giving `settings`. */
  broken: Error | undefined;
  /** How long a backup takes, and with what error it ends. */
  durationMs = MINUTE;
  failure: (name: string) => Error | undefined = () => undefined;
  /** Snapshots of which files cannot be read. */
  lacking: string[] = [];
  /** What catching up finds. */
  onCatchUp: () => void = () => {};
  unwatched: string[] = [];
  watchers = 0;
  #options: WatchOptions | undefined;
  readonly #stop = new AbortController();
  ended: Promise<boolean> | undefined;

  constructor(change: Partial<DaemonSettings> = {}) {
    this.settings = settings(change);
    this.daemon = new Daemon(this.settings, this.#parts());
  }

  start(): this {
    this.ended = this.daemon.run(this.#stop.signal);
    return this;
  }

  stop(): void {
    this.#stop.abort();
  }

  change(name: string, path: string, isQuiet = false): void {
    const area = this.#options!.areas.find((area) => area.name === name)!;
    this.#options!.sink.directory(area, path, isQuiet);
  }

  /** Minutes after the start at which runs of `name` began. */
  minutes(name: string): number[] {
    return this.runs.filter((run) => run.name === name).map((run) => (run.startMs - this.startMs) / MINUTE);
  }

  #parts(): DaemonParts {
    return {
      clock: this.clock,
      load: () => this.broken === undefined ? Promise.resolve(this.settings) : Promise.reject(this.broken),
      openWatcher: (_, options) => Promise.resolve(this.#watcher(options)),
      backUp: (name, taken, signal) => this.#backUp(name, taken, signal),
      ended: () => {},
      afterRun: () => Promise.resolve(void this.lines.push("after run")),
      log: {
        say: (text) => void this.lines.push(text),
        warn: (text) => void this.lines.push(text),
        failure: (what, error) => void this.lines.push(`${what}: ${(error as Error).message}`),
      },
      notify: (state) => void this.states.push(state),
    };
  }

  #watcher(options: WatchOptions): Watcher {
    this.#options = options;
    this.watchers++;
    const unwatched = () => this.unwatched.map((path) => ({ path, reason: "" }));
    return {
      catchUp: () => Promise.resolve(this.onCatchUp()),
      get state() {
        return { directories: 0, roots: [], unwatched: unwatched() };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  async #backUp(name: string, taken: Taken, signal: AbortSignal) {
    const error = this.failure(name);
    const run = { name, startMs: this.clock.nowMs(), endMs: Infinity, taken, succeeded: error === undefined };
    this.runs.push(run);
    await this.clock.wait(this.durationMs, signal);
    run.endMs = this.clock.nowMs();
    if (error !== undefined) throw error;
    return {
      id: `host_${name}_${this.runs.length}`,
      incomplete: this.lacking.includes(name),
      suspicious: false,
    };
  }
}
