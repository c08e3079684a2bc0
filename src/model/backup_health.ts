// Whether a source set is backed up as it should be. Pure: snapshots, limits and the time are arguments.
import { atLeast } from "../base/at_least.ts";
import { formatDuration } from "../base/units.ts";
import { CLOCK_TOLERANCE_MS } from "./retention.ts";

/** A snapshot as health sees it. */
export interface HealthSnapshot {
  readonly id: string;
  /** By its host's clock, RFC 3339. */
  readonly finishedAt: string;
  /** By the store's clock. */
  readonly storedAt: string;
  readonly incomplete: boolean;
  readonly suspicious: boolean;
  /** Plain bytes of its files; missing where that is sealed. */
  readonly bytes: number | undefined;
}

export interface HealthLimits {
  /** Age of the last good snapshot from which there is a warning, and from which it is critical. */
  readonly warnMs: number;
  readonly criticalMs: number;
}

export type HealthState = "ok" | "warning" | "critical";

export interface Health {
  readonly state: HealthState;
  /** What is wrong, for people; empty if it is ok. */
  readonly problems: readonly string[];
  /** The newest one that is neither incomplete nor suspicious. */
  readonly lastGood: string | undefined;
  /** Of the last good one. */
  readonly ageMs: number | undefined;
  /** Plain bytes of the newest snapshot less those of the newest one that is a week older; missing where there is none. */
  readonly weekGrowthBytes: number | undefined;
}

const WEEK_MS = 7 * 24 * 3600 * 1000;

/** The health of one source set, of which `snapshots` (at least one) are in the store. */
export function healthOf(
  snapshots: readonly HealthSnapshot[],
  { warnMs, criticalMs }: HealthLimits,
  now: Date,
): Health {
  const newestFirst = snapshots.toSorted((a, b) => timeOf(b) - timeOf(a) || (a.id < b.id ? 1 : -1));
  const [newest] = atLeast(1, newestFirst);
  const good = newestFirst.find(({ incomplete, suspicious }) => !incomplete && !suspicious);
  const ageMs = good && Math.max(0, now.getTime() - timeOf(good));
  const warnings = [
    ...newest.suspicious ? [`${newest.id} is suspicious`] : [],
    ...newest.incomplete ? [`${newest.id} is incomplete`] : [],
    ...clockProblem(newest),
  ];
  if (ageMs === undefined) {
    return finding("critical", ["no snapshot is good", ...warnings], { newestFirst, good, ageMs });
  }
  const old = `the last good snapshot is ${formatDuration(ageMs)} old`;
  if (ageMs >= criticalMs) return finding("critical", [old, ...warnings], { newestFirst, good, ageMs });
  const problems = ageMs >= warnMs ? [old, ...warnings] : warnings;
  return finding(problems.length > 0 ? "warning" : "ok", problems, { newestFirst, good, ageMs });
}

interface Found {
  readonly newestFirst: readonly HealthSnapshot[];
  readonly good: HealthSnapshot | undefined;
  readonly ageMs: number | undefined;
}

function finding(state: HealthState, problems: readonly string[], found: Found): Health {
  const { newestFirst, good, ageMs } = found;
  return { state, problems, lastGood: good?.id, ageMs, weekGrowthBytes: weekGrowth(newestFirst) };
}

/** A clock that is ahead would make a dead host look alive; in a store that was copied everything was stored just now. */
function timeOf({ finishedAt, storedAt }: HealthSnapshot): number {
  return Math.min(Date.parse(finishedAt), Date.parse(storedAt));
}

/** A snapshot is finished before it is stored: a store's clock that is behind tells of one that is ahead. Older ones may be copies. */
function clockProblem({ finishedAt, storedAt }: HealthSnapshot): string[] {
  const aheadMs = Date.parse(finishedAt) - Date.parse(storedAt);
  if (aheadMs <= CLOCK_TOLERANCE_MS) return [];
  return [`its host's clock is ${formatDuration(aheadMs)} ahead`];
}

function weekGrowth(newestFirst: readonly HealthSnapshot[]): number | undefined {
  const [newest] = atLeast(1, newestFirst);
  const before = newestFirst.find((snapshot) => timeOf(snapshot) <= timeOf(newest) - WEEK_MS);
  if (before?.bytes === undefined || newest.bytes === undefined) return undefined;
  return newest.bytes - before.bytes;
}

/** The worst of `states`; `ok` where there is none. */
export function worstState(states: readonly HealthState[]): HealthState {
  return states.includes("critical") ? "critical" : states.includes("warning") ? "warning" : "ok";
}
