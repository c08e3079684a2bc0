import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import type { PruneSummary } from "../operations/prune/prune.ts";
import type { Amount } from "../operations/prune/prune_plan.ts";
import type { PruneOptions, PruneSurvey } from "../operations/prune/survey.ts";
import type { HostTools } from "../read/hosts.ts";

/** At most so many names of missing objects are listed. */
const LISTED_MAX = 20;

export function surveyInWords(
  { host }: HostTools,
  { plan, named, damagedRecords }: PruneSurvey,
  { graceMs }: PruneOptions,
): string {
  const kept = Object.entries(plan.kept).map(([reason, amount]) =>
    `  keep     ${amountOf(amount)}: ${reason}`
  );
  const later = graceMs === 0
    ? "at once"
    : `deleted by a prune ${formatDuration(graceMs)} later, if still unnamed`;
  return [
    `Host ${host}: ${formatCount(named.snapshots)} snapshots`,
    `  delete   ${amountOf(plan.removed)}`,
    `  mark     ${amountOf(plan.marked)}${plan.marked.objects === 0 ? "" : `: ${later}`}`,
    ...kept,
    ...damagedRecords.map((name) => `  DAMAGED  ${name}: it goes with this prune`),
    ...plan.missing.slice(0, LISTED_MAX).map((name) => `  MISSING  ${name}`),
    ...plan.missing.length > LISTED_MAX ? [`  … ${formatCount(plan.missing.length - LISTED_MAX)} more`] : [],
  ].join("\n");
}

export function pruneInWords({ blobsRemoved, blobsMarked, leftoversRemoved }: PruneSummary): string {
  const left = leftoversRemoved === 0 ? "" : `, removed ${formatCount(leftoversRemoved)} leftovers`;
  return `Deleted ${formatCount(blobsRemoved)} objects, marked ${
    formatCount(blobsMarked)
  } for deletion${left}`;
}

function amountOf({ objects, bytes }: Amount): string {
  return `${formatCount(objects)} objects, ${formatSize(bytes)}`;
}
