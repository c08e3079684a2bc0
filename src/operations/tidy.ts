import type { HostTools } from "../read/hosts.ts";
import type { SnapshotInfo } from "../read/snapshot_info.ts";
import type { Retention } from "../model/retention.ts";
import { executePrune, type PruneSummary } from "./prune/prune.ts";
import { type PruneOptions, surveyPrune } from "./prune/survey.ts";
import { executePurge, planPurge } from "./purge.ts";

export interface TidySummary extends Partial<PruneSummary> {
  /** Ids. */
  readonly snapshotsRemoved: readonly string[];
}

/**
 * After a run: removes the snapshots that their policies do not keep, then prunes. Asks no one. Without `prune`, which lists the whole
 * directory of the host, only the former.
 */
export async function tidy(
  tools: HostTools,
  policyOf: (snapshot: SnapshotInfo) => Retention | undefined,
  prune: Omit<PruneOptions, "dryRun"> | undefined,
): Promise<TidySummary> {
  const purge = await planPurge(tools, { policyOf, dryRun: false });
  await executePurge(tools, purge);
  if (prune === undefined) return { snapshotsRemoved: purge.remove };
  const options = { ...prune, dryRun: false };
  const summary = await executePrune(tools, await surveyPrune(tools, options), options);
  return { snapshotsRemoved: purge.remove, ...summary };
}
