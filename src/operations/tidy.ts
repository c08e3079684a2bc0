import type { SnapshotInfo, Tools } from "./options.ts";
import type { Retention } from "../model/retention.ts";
import { executePrune, type PruneSummary } from "./prune/prune.ts";
import { type PruneOptions, surveyPrune } from "./prune/survey.ts";
import { executePurge, planPurge } from "./purge.ts";

export interface TidySummary extends PruneSummary {
  /** Ids. */
  readonly snapshotsRemoved: readonly string[];
}

/** After a run: removes the snapshots that their policies do not keep, then prunes. Asks nobody. */
export async function tidy(
  tools: Tools,
  policyOf: (snapshot: SnapshotInfo) => Retention | undefined,
  prune: Omit<PruneOptions, "dryRun">,
): Promise<TidySummary> {
  const purge = await planPurge(tools, { policyOf, dryRun: false });
  await executePurge(tools, purge);
  const options = { ...prune, dryRun: false };
  const summary = await executePrune(tools, await surveyPrune(tools, options), options);
  return { snapshotsRemoved: purge.remove, ...summary };
}
