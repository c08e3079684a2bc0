import type { DrillKind, DrillRecord } from "../../model/drill_record.ts";
import { type DrillFinding, DrillFindings } from "./findings.ts";

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
