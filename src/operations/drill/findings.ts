import type { DrillResult } from "../../model/drill_record.ts";

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
