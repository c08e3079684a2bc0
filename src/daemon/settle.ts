/** How long to wait for a burst of changes to end. */
export interface SettleTimes {
  /** Nothing has changed for this long: the burst is over. */
  readonly quietMs: number;
  /** However long it goes on, no run waits longer. */
  readonly longestMs: number;
}

/** A few seconds are enough for an editor or a package manager to finish what it began. */
export const SETTLE: SettleTimes = { quietMs: 5_000, longestMs: 60_000 };

/** When a run that is due at `dueMs` begins, if the last change was at `lastChangeMs`. */
export function settledMs(dueMs: number, lastChangeMs: number | undefined, times: SettleTimes): number {
  if (lastChangeMs === undefined) return dueMs;
  return Math.max(dueMs, Math.min(lastChangeMs + times.quietMs, dueMs + times.longestMs));
}
