import { formatCount, formatDuration, formatSize } from "../base/units.ts";
import { CONTENT_KINDS } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import type { Amount } from "../operations/prune/prune_plan.ts";
import type { PruneSummary } from "../operations/prune/prune.ts";
import type { PruneOptions, PruneSurvey } from "../operations/prune/survey.ts";

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

export function surveyAsJson(
  { host }: HostTools,
  { now, plan, named, damagedRecords }: PruneSurvey,
  summary?: PruneSummary,
): object {
  const { removed, marked, kept, missing } = plan;
  return {
    host,
    now,
    isDone: summary !== undefined,
    snapshots: named.snapshots,
    delete: { ...removed, names: [...namesOf(plan.remove)] },
    mark: { ...marked, names: [...namesOf(plan.mark)] },
    keep: Object.entries(kept).map(([reason, amount]) => ({ reason, ...amount })),
    missing,
    damagedRecords,
    freedBytes: removed.bytes,
    ...summary,
  };
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

function* namesOf(ids: PruneSurvey["plan"]["remove"]): Generator<string> {
  for (const kind of CONTENT_KINDS) for (const id of ids[kind]) yield `${kind}/${id}`;
}
