/** As configured, in milliseconds. */
export interface Intervals {
  readonly backupMs: number;
  readonly fullScanMs: number;
  /** At least this long after a success no run begins because something changed. */
  readonly minPauseMs: number;
}

/** What the schedule remembers: moments of the wall clock, in milliseconds. */
export interface Times {
  /** The last tick that has passed; the next one is `backupMs` after it. */
  readonly tickMs: number;
  /** End of the last run that succeeded. */
  readonly successMs?: number;
  /** Start of the last full scan that succeeded, or of the wait for the first one. */
  readonly fullScanMs: number;
  /** End of the last run that failed, and how many have failed since one succeeded. */
  readonly failure?: { readonly atMs: number; readonly count: number };
}

/** Pauses after failures: they double from the first to the last, however long a store is away. */
const BACK_OFF_MS = { first: 60_000, longest: 3_600_000 };

export function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MS.longest, BACK_OFF_MS.first * 2 ** (failures - 1));
}

/** The kind of run that is due next if something has changed by then, and when. A failed run is repeated before anything else. */
export function nextRun(
  times: Times,
  intervals: Intervals,
): { kind: "retry" | "full" | "changes"; atMs: number } {
  if (times.failure !== undefined) {
    return { kind: "retry", atMs: times.failure.atMs + backOffMs(times.failure.count) };
  }
  const fullMs = times.fullScanMs + intervals.fullScanMs;
  const tickMs = times.tickMs + intervals.backupMs;
  const changesMs = times.successMs === undefined
    ? tickMs
    : Math.max(tickMs, times.successMs + intervals.minPauseMs);
  return fullMs <= changesMs ? { kind: "full", atMs: fullMs } : { kind: "changes", atMs: changesMs };
}

/** With all ticks up to `nowMs` behind: however many were missed, one run makes up for them. */
export function passTicks(times: Times, intervals: Intervals, nowMs: number): Times {
  const missed = Math.floor((nowMs - times.tickMs) / intervals.backupMs);
  return missed <= 0 ? times : { ...times, tickMs: times.tickMs + missed * intervals.backupMs };
}

export function afterSuccess(times: Times, run: { startMs: number; endMs: number; isFull: boolean }): Times {
  const fullScanMs = run.isFull ? run.startMs : times.fullScanMs;
  return { tickMs: times.tickMs, successMs: run.endMs, fullScanMs };
}

export function afterFailure(times: Times, endMs: number): Times {
  return { ...times, failure: { atMs: endMs, count: (times.failure?.count ?? 0) + 1 } };
}

/**
 * After the wall clock was set back by `byMs`: what was so long ago is so long ago still, or a clock that was a year ahead would put
 * off the next run by a year. A clock that jumps ahead needs nothing: what is due then runs once.
 */
export function clockSetBack(times: Times, byMs: number): Times {
  const { failure } = times;
  return {
    tickMs: times.tickMs - byMs,
    fullScanMs: times.fullScanMs - byMs,
    ...(times.successMs === undefined ? {} : { successMs: times.successMs - byMs }),
    ...(failure === undefined ? {} : { failure: { ...failure, atMs: failure.atMs - byMs } }),
  };
}
