import { CONTENT_KINDS } from "../model/names.ts";
import type { PruneSummary } from "../operations/prune/prune.ts";
import type { PruneSurvey } from "../operations/prune/survey.ts";
import type { HostTools } from "../read/hosts.ts";

/** What a prune found out, with the names of objects. */
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

function* namesOf(ids: PruneSurvey["plan"]["remove"]): Generator<string> {
  for (const kind of CONTENT_KINDS) for (const id of ids[kind]) yield `${kind}/${id}`;
}
