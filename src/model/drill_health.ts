// What the last drills of a host say. Pure.
import { formatDuration } from "../base/units.ts";
import type { HealthState } from "./backup_health.ts";
import type { DrillKind, DrillResult } from "./drill_record.ts";

/** A drill as health sees it. */
export interface HealthDrill {
  readonly kind: DrillKind;
  readonly result: DrillResult;
  readonly problems: number;
  /** By the clock of the machine that made it, RFC 3339. */
  readonly finishedAt: string;
  /** By the store's clock. */
  readonly storedAt: string;
}

export interface DrillHealth {
  readonly state: HealthState;
  /** What is wrong, for people; empty if it is ok. */
  readonly problems: readonly string[];
  /** Of the last drill of any kind. */
  readonly ageMs: number | undefined;
}

/** The health of a host by the last drill of each kind; `intervalMs` is how often one is promised. */
export function drillHealthOf(
  last: readonly HealthDrill[],
  intervalMs: number | undefined,
  now: Date,
): DrillHealth {
  const [ageMs] = last.map((drill) => drillAgeMs(drill, now)).sort((a, b) => a - b);
  const damaged = last.filter(({ result }) => result === "damaged").map(damageOf);
  const warnings = [
    ...last.filter(({ result }) => result === "incomplete")
      .map(({ kind }) => `the last drill (${kind}) could not look at everything`),
    ...lateness(ageMs, intervalMs),
  ];
  const state = damaged.length > 0 ? "critical" : warnings.length > 0 ? "warning" : "ok";
  return { state, problems: [...damaged, ...warnings], ageMs };
}

/** A clock that is ahead would make an old drill look new. */
export function drillAgeMs(
  { finishedAt, storedAt }: Pick<HealthDrill, "finishedAt" | "storedAt">,
  now: Date,
): number {
  return Math.max(0, now.getTime() - Math.min(Date.parse(finishedAt), Date.parse(storedAt)));
}

function damageOf({ kind, problems }: HealthDrill): string {
  return `the last drill (${kind}) found ${problems === 1 ? "1 problem" : `${problems} problems`}`;
}

function lateness(ageMs: number | undefined, intervalMs: number | undefined): string[] {
  if (intervalMs === undefined) return [];
  if (ageMs === undefined) return ["it has had no drill"];
  return ageMs > intervalMs ? [`its last drill is ${formatDuration(ageMs)} old`] : [];
}
