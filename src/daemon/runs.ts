import { DirtySet } from "./dirty_set.ts";
import type { DaemonParts, WatchedSnapshot } from "./parts.ts";
import { afterFailure, afterSuccess, type Times } from "./schedule.ts";
import type { DaemonStatus, Outcome, SnapshotStatus } from "./status.ts";

interface Snapshot {
  readonly isAlwaysDue: boolean;
  readonly dirty: DirtySet;
  lastSuccess: SnapshotStatus["lastSuccess"];
  /** Since it last succeeded. */
  hasFailed: boolean;
}

export interface RunResults {
  readonly made: readonly string[];
  readonly failed: readonly string[];
  /** Failed, too, where some were not begun. */
  readonly outcome: Outcome;
}

/** The snapshots of the daemon: what is dirty in each, and the runs that make them, one at a time. */
export class Runs {
  readonly #parts: DaemonParts;
  readonly #force: AbortSignal;
  #snapshots = new Map<string, Snapshot>();
  lastRun: DaemonStatus["lastRun"];
  lastError: DaemonStatus["lastError"];

  constructor(parts: DaemonParts, force: AbortSignal) {
    this.#parts = parts;
    this.#force = force;
  }

  use(snapshots: readonly WatchedSnapshot[]): void {
    const before = this.#snapshots;
    this.#snapshots = new Map(snapshots.map(({ name, roots, isAlwaysDue }) => {
      const { lastSuccess, hasFailed = false } = before.get(name) ?? {};
      return [name, { isAlwaysDue, dirty: new DirtySet(roots), lastSuccess, hasFailed }];
    }));
  }

  get names(): string[] {
    return [...this.#snapshots.keys()];
  }

  get failed(): string[] {
    return this.names.filter((name) => this.#snapshots.get(name)!.hasFailed);
  }

  dirty(name: string): DirtySet {
    return this.#snapshots.get(name)!.dirty;
  }

  /** Snapshots with a reason for a run; those that failed wait for their retry. */
  changed(): { readonly names: string[]; readonly count: number } {
    const names = this.names.filter((name) => {
      const { dirty, hasFailed, isAlwaysDue } = this.#snapshots.get(name)!;
      return !hasFailed && (isAlwaysDue || dirty.count > 0);
    });
    return { names, count: names.reduce((sum, name) => sum + this.dirty(name).count, 0) };
  }

  /** The next run of each is a full scan. */
  markAll(): void {
    for (const { dirty } of this.#snapshots.values()) dirty.addEverything();
  }

  snapshots(): SnapshotStatus[] {
    return [...this.#snapshots].map(([name, { dirty, lastSuccess, hasFailed }]) => ({
      name,
      dirtyDirectories: dirty.directories,
      dirtySubtrees: dirty.subtrees,
      needsFullScan: dirty.everything,
      lastSuccess,
      hasFailed,
    }));
  }

  /** Makes `names` one after the other until `isStopping`; `catchUp` gathers the changes before each. */
  async run(
    names: readonly string[],
    catchUp: () => Promise<void>,
    isStopping: () => boolean,
  ): Promise<RunResults> {
    const [made, failed]: [string[], string[]] = [[], []];
    const startMs = this.#parts.clock.nowMs();
    for (const name of names) {
      if (isStopping()) break;
      (await this.#make(name, catchUp) ? made : failed).push(name);
    }
    const endMs = this.#parts.clock.nowMs();
    const outcome = made.length < names.length ? "failed" : this.#outcomeOf(made);
    this.lastRun = { endedAt: iso(endMs), durationMs: endMs - startMs, outcome };
    return { made, failed, outcome };
  }

  #outcomeOf(made: readonly string[]): Outcome {
    const results = made.map((name) => this.#snapshots.get(name)!.lastSuccess!);
    if (results.some(({ suspicious }) => suspicious)) return "suspicious";
    return results.some(({ incomplete }) => incomplete) ? "incomplete" : "complete";
  }

  /** The schedule after a run. Failures are over when no snapshot has one. */
  times(
    times: Times,
    { made, failed }: Pick<RunResults, "made" | "failed">,
    run: { readonly startMs: number; readonly endMs: number; readonly isFull: boolean },
  ): Times {
    const fullScanMs = run.isFull ? run.startMs : times.fullScanMs;
    const after = made.length > 0 ? afterSuccess(times, run) : { ...times, fullScanMs };
    if (failed.length > 0) return afterFailure({ ...after, failure: times.failure }, run.endMs);
    return this.failed.length > 0 ? { ...after, failure: times.failure } : { ...after, failure: undefined };
  }

  async #make(name: string, catchUp: () => Promise<void>): Promise<boolean> {
    const snapshot = this.#snapshots.get(name)!;
    const { clock, log, backUp } = this.#parts;
    await catchUp();
    const taken = snapshot.dirty.take();
    try {
      const made = await backUp(name, taken, this.#force);
      snapshot.lastSuccess = { at: iso(clock.nowMs()), ...made };
      snapshot.hasFailed = false;
      if (this.failed.length === 0) this.lastError = undefined;
      return true;
    } catch (error) {
      snapshot.dirty.putBack(taken);
      snapshot.hasFailed = true;
      const message = error instanceof Error ? error.message : String(error);
      this.lastError = { at: iso(clock.nowMs()), message };
      log.failure(`snapshot ${name}`, error);
      return false;
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
