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
  /** End of the last run that failed, and how many have failed since all snapshots had succeeded. */
  readonly failure?: { readonly atMs: number; readonly count: number };
}

/** Pauses after failures: they double from the first to the last, however long a store is away. */
const BACK_OFF_MS = { first: 60_000, longest: 3_600_000 };

export function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MS.longest, BACK_OFF_MS.first * 2 ** (failures - 1));
}

export interface NextRun {
  /** All snapshots, those that have changed by then, or those that failed. */
  readonly kind: "full" | "changes" | "retry";
  readonly atMs: number;
}

/** The run that is due next. */
export function nextRun(times: Times, intervals: Intervals): NextRun {
  const { tickMs, successMs = -Infinity, fullScanMs, failure } = times;
  const runs: NextRun[] = [
    { kind: "full", atMs: fullScanMs + intervals.fullScanMs },
    { kind: "changes", atMs: Math.max(tickMs + intervals.backupMs, successMs + intervals.minPauseMs) },
  ];
  if (failure !== undefined) runs.push({ kind: "retry", atMs: failure.atMs + backOffMs(failure.count) });
  return runs.reduce((first, other) => (other.atMs < first.atMs ? other : first));
}

/** With all ticks up to `nowMs` behind: however many were missed, one run makes up for them. */
export function passTicks(times: Times, intervals: Intervals, nowMs: number): Times {
  const missed = Math.floor((nowMs - times.tickMs) / intervals.backupMs);
  return missed <= 0 ? times : { ...times, tickMs: times.tickMs + missed * intervals.backupMs };
}

export function afterSuccess(times: Times, run: { startMs: number; endMs: number; isFull: boolean }): Times {
  return { ...times, successMs: run.endMs, fullScanMs: run.isFull ? run.startMs : times.fullScanMs };
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
