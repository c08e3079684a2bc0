import type { Clock } from "./clock.ts";
import type { Taken } from "./dirty_set.ts";
import type { Intervals } from "./schedule.ts";
import type { Area, Watcher, WatcherKind, WatchOptions } from "./watch/watcher.ts";

/** A named snapshot that the daemon makes. */
export interface WatchedSnapshot extends Area {
  /** It has parts that nothing can watch: every tick is a reason for a run. */
  readonly isAlwaysDue: boolean;
  /** The same for the same paths, excludes and options. */
  readonly key: string;
  /** Whether links on the way to what is backed up lead elsewhere now. */
  haveMoved(): boolean;
}

/** What the configuration says of the daemon. */
export interface DaemonSettings {
  readonly snapshots: readonly WatchedSnapshot[];
  readonly intervals: Intervals;
  readonly quietNames: readonly string[];
  readonly watcher: WatcherKind;
}

/** Where the daemon says what it does. */
export interface DaemonLog {
  say(text: string): void;
  warn(text: string): void;
  failure(what: string, error: unknown): void;
}

export interface MadeSnapshot {
  readonly id: string;
  /** Files could not be read and are not in it. */
  readonly incomplete: boolean;
  /** Its sources looked wrong. */
  readonly suspicious: boolean;
}

/** What the daemon needs of the rest of the world. */
export interface DaemonParts {
  /** Reads the configuration again. Throws `UsageError`: then the one of before stays. */
  load(): Promise<DaemonSettings>;
  openWatcher(kind: WatcherKind, options: WatchOptions): Promise<Watcher>;
  /** Backs up what is dirty in one snapshot. Aborting the signal ends it at once. */
  backUp(name: string, taken: Taken, signal: AbortSignal): Promise<MadeSnapshot>;
  /** After each run, whatever came of it. */
  ended(): void;
  /** After a run that made all its snapshots. */
  afterRun(signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  readonly log: DaemonLog;
  /** A line of the service manager's protocol: `READY=1`. */
  notify(state: string): void;
}
