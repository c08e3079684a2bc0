import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { Amount } from "../operations/prune/prune_plan.ts";
import type { PruneSummary } from "../operations/prune/prune.ts";
import type { PruneOptions, PruneSurvey } from "../operations/prune/survey.ts";

/** At most so many names of missing objects are listed. */
const LISTED_MAX = 20;

export function surveyInWords({ plan, named }: PruneSurvey, { graceMs }: PruneOptions): string {
  const kept = Object.entries(plan.kept).map(([reason, amount]) =>
    `  keep     ${amountOf(amount)}: ${reason}`
  );
  const later = graceMs === 0
    ? "at once"
    : `deleted by a prune ${formatDuration(graceMs)} later, if still unnamed`;
  return [
    `${formatCount(named.snapshots)} snapshots`,
    `  delete   ${amountOf(plan.removed)}`,
    `  condemn  ${amountOf(plan.condemned)}${plan.condemned.objects === 0 ? "" : `: ${later}`}`,
    ...kept,
    ...plan.missing.slice(0, LISTED_MAX).map((name) => `  MISSING  ${name}`),
    ...plan.missing.length > LISTED_MAX ? [`  … ${formatCount(plan.missing.length - LISTED_MAX)} more`] : [],
  ].join("\n");
}

export function surveyAsJson({ now, plan, named }: PruneSurvey, summary?: PruneSummary): object {
  const { removed, condemned, kept, missing } = plan;
  return {
    now,
    isDone: summary !== undefined,
    snapshots: named.snapshots,
    delete: { ...removed, names: [...namesOf(plan.remove)] },
    condemn: { ...condemned, names: [...namesOf(plan.condemn)] },
    keep: Object.entries(kept).map(([reason, amount]) => ({ reason, ...amount })),
    missing,
    freedBytes: removed.bytes,
    ...summary,
  };
}

export function pruneInWords({ blobsRemoved, blobsCondemned, leftoversRemoved }: PruneSummary): string {
  const left = leftoversRemoved === 0 ? "" : `, removed ${formatCount(leftoversRemoved)} leftovers`;
  return `Deleted ${formatCount(blobsRemoved)} blobs, condemned ${formatCount(blobsCondemned)}${left}`;
}

function amountOf({ objects, bytes }: Amount): string {
  return `${formatCount(objects)} blobs, ${formatSize(bytes)}`;
}

function* namesOf(ids: PruneSurvey["plan"]["remove"]): Generator<string> {
  for (const kind of ["pages", "blobs"] as const) for (const id of ids[kind]) yield `${kind}/${id}`;
}
