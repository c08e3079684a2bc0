// Which snapshots a policy keeps, and why. Pure: time is an argument, nothing is read.

/** What is to be kept; at least one member. Each counts for itself, and what any of them keeps stays. */
export interface Retention {
  /** The newest so many snapshots. */
  readonly keepLast?: number;
  /** The newest snapshot of each of the newest so many hours, days, weeks (from Monday), months or years of UTC that have one. */
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  /** All that are not older than this before the newest one. */
  readonly keepWithinMs?: number;
  /** All that are not older than this now: only older ones go. */
  readonly olderThanMs?: number;
}

/** A snapshot as retention sees it. */
export interface RetainedSnapshot {
  readonly id: string;
  /** Snapshots of one group stand in for each other: those of a host and name. */
  readonly group: string;
  /** When it was finished, as its host says. */
  readonly claimed: Date;
  /** When the store took it, by the store's clock. */
  readonly stored: Date;
  readonly incomplete: boolean;
  /** Its sources looked wrong. */
  readonly suspicious: boolean;
  readonly pinned: boolean;
}

/** Why a snapshot is kept; without a reason it goes. */
export interface RetentionDecision {
  readonly id: string;
  readonly reasons: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** So far a host's clock may be from the store's and is still believed. */
export const CLOCK_TOLERANCE_MS = 15 * 60_000;

const NEWEST = "newest of its host and name";

/**
 * Decides over all `snapshots`, in their order. No one's word empties a history:
 *  - A host's clock counts where the store's agrees. Where they disagree, both are tried and a snapshot goes only if neither keeps it:
 *    forged times and wrong clocks are seen by the store's, a store that was copied (so all is new there) by the hosts'.
 *  - Each rule is applied to all snapshots, once more to those that are not suspicious, and to the complete ones of both: suspicious
 *    ones push no good one out, and incomplete ones no complete one.
 *  - The newest good snapshot of each group stays, and so do pinned ones.
 */
export function retain(
  snapshots: readonly RetainedSnapshot[],
  retention: Retention,
  now: Date,
): RetentionDecision[] {
  const reasons = new Map<string, Set<string>>(snapshots.map(({ id }) => [id, new Set()]));
  const keep = ({ id }: RetainedSnapshot, reason: string) => void reasons.get(id)!.add(reason);
  for (const snapshot of snapshots) if (snapshot.pinned) keep(snapshot, "pinned");
  for (const group of Map.groupBy(snapshots, ({ group }) => group).values()) {
    for (const timeOf of [claimedTime, storedTime]) {
      const newestFirst = group.toSorted((a, b) => timeOf(b) - timeOf(a) || (a.id < b.id ? 1 : -1));
      const unsuspicious = newestFirst.filter(({ suspicious }) => !suspicious);
      const complete = newestFirst.filter(({ incomplete }) => !incomplete);
      const good = unsuspicious.filter(({ incomplete }) => !incomplete);
      for (const some of [newestFirst, unsuspicious, complete, good]) {
        applyRules(some, { retention, now, timeOf, keep });
      }
      keep(good[0] ?? unsuspicious[0] ?? complete[0] ?? newestFirst[0]!, NEWEST);
    }
  }
  return snapshots.map(({ id }) => ({ id, reasons: [...reasons.get(id)!] }));
}

type TimeOf = (snapshot: RetainedSnapshot) => number;

const claimedTime: TimeOf = ({ claimed }) => claimed.getTime();
const storedTime: TimeOf = ({ claimed, stored }) =>
  Math.abs(claimed.getTime() - stored.getTime()) <= CLOCK_TOLERANCE_MS ? claimed.getTime() : stored.getTime();

interface Rules {
  readonly retention: Retention;
  readonly now: Date;
  readonly timeOf: TimeOf;
  readonly keep: (snapshot: RetainedSnapshot, reason: string) => void;
}

function applyRules(newestFirst: readonly RetainedSnapshot[], rules: Rules): void {
  if (newestFirst.length === 0) return;
  const { retention, now, timeOf, keep } = rules;
  for (const snapshot of newestFirst.slice(0, retention.keepLast ?? 0)) keep(snapshot, "last");
  for (const [reason, count, periodOf] of periods(retention)) {
    const byPeriod = Map.groupBy(newestFirst, (snapshot) => periodOf(timeOf(snapshot)));
    for (const some of [...byPeriod.values()].slice(0, count)) keep(some[0]!, reason);
  }
  keepSince(newestFirst, retention.keepWithinMs, timeOf(newestFirst[0]!), "within", rules);
  keepSince(newestFirst, retention.olderThanMs, now.getTime(), "not old enough", rules);
}

function keepSince(
  snapshots: readonly RetainedSnapshot[],
  spanMs: number | undefined,
  endMs: number,
  reason: string,
  { timeOf, keep }: Rules,
): void {
  if (spanMs === undefined) return;
  for (const snapshot of snapshots) if (timeOf(snapshot) >= endMs - spanMs) keep(snapshot, reason);
}

function periods(retention: Retention): [reason: string, count: number, periodOf: (ms: number) => number][] {
  return [
    ["hourly", retention.keepHourly ?? 0, (ms) => Math.floor(ms / HOUR_MS)],
    ["daily", retention.keepDaily ?? 0, (ms) => Math.floor(ms / DAY_MS)],
    // 1970 began on a Thursday.
    ["weekly", retention.keepWeekly ?? 0, (ms) => Math.floor((ms / DAY_MS + 3) / 7)],
    ["monthly", retention.keepMonthly ?? 0, (ms) => yearOf(ms) * 12 + new Date(ms).getUTCMonth()],
    ["yearly", retention.keepYearly ?? 0, yearOf],
  ];
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}
