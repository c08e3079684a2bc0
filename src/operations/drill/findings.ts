import type { DrillKind, DrillRecord, DrillResult } from "../../model/drill_record.ts";

/** Something that is wrong, or could not be looked at. */
export interface DrillFinding {
  /** A path, an object of the store, or a file of this machine. */
  readonly what: string;
  /** As in `is missing`. */
  readonly state: string;
}

/** What a drill has found so far. */
export class DrillFindings {
  readonly problems: DrillFinding[] = [];
  /** What was to be looked at and could not be. */
  readonly unchecked: DrillFinding[] = [];
  readonly snapshots: string[] = [];
  files = 0;
  bytes = 0;
  objects = 0;
  /** Files that were changed since their backup, and were not compared with it. */
  changed = 0;

  problem(what: string, state: string): void {
    this.problems.push({ what, state });
  }

  leaveOut(what: string, state: string): void {
    this.unchecked.push({ what, state });
  }

  get result(): DrillResult {
    if (this.problems.length > 0) return "damaged";
    return this.unchecked.length > 0 ? "incomplete" : "good";
  }
}

/** What came of a drill. */
export interface DrillSummary extends Omit<DrillRecord, "id" | "problems"> {
  readonly kind: DrillKind;
  readonly changed: number;
  readonly problems: readonly DrillFinding[];
  readonly unchecked: readonly DrillFinding[];
}

/** How much a drill looks at. */
export interface DrillLimits {
  readonly files: number;
  /** Of files, and as much again of stored objects. */
  readonly bytes: number;
}

export function summaryOf(
  findings: DrillFindings,
  about: Pick<DrillSummary, "host" | "kind">,
  startedAt: Date,
  finishedAt: Date,
): DrillSummary {
  const { snapshots, files, bytes, objects, changed, problems, unchecked, result } = findings;
  return {
    ...about,
    finishedAt: finishedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    result,
    snapshots,
    ...{ files, bytes, objects, changed, problems, unchecked },
  };
}
