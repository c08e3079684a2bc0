import { retain, type Retention } from "../model/retention.ts";
import type { HostTools } from "../read/hosts.ts";
import type { SnapshotInfo } from "../read/snapshot_info.ts";
import { removeSnapshots } from "./remove.ts";
import { listSnapshots } from "../read/snapshots.ts";
import { storeNow } from "../write/store_clock.ts";

export interface PurgeOptions {
  /** The policy for snapshots of this host and source set; those without one are left alone and not mentioned. */
  readonly policyOf: (snapshot: SnapshotInfo) => Retention | undefined;
  /** Writes nothing, not even to ask the store for the time. */
  readonly dryRun: boolean;
}

export interface PurgeDecision {
  readonly snapshot: SnapshotInfo;
  /** Why it is kept; none where it goes. */
  readonly reasons: readonly string[];
}

/** What a purge would do and why. */
export interface PurgePlan {
  readonly now: Date;
  /** Oldest first. */
  readonly decisions: readonly PurgeDecision[];
  /** Ids of those that go. */
  readonly remove: readonly string[];
}

/** Decides which snapshots of a host go. */
export async function planPurge(tools: HostTools, { policyOf, dryRun }: PurgeOptions): Promise<PurgePlan> {
  const now = dryRun ? tools.now() : earlier(await storeNow(tools), tools.now());
  const snapshots = await listSnapshots(tools);
  const reasons = new Map<string, readonly string[]>();
  for (const group of Map.groupBy(snapshots, groupOf).values()) {
    const policy = policyOf(group[0]!);
    if (policy === undefined) continue;
    for (const decision of retain(group.map(asRetained), policy, now)) {
      reasons.set(decision.id, decision.reasons);
    }
  }
  const decisions = snapshots.filter(({ id }) => reasons.has(id))
    .map((snapshot) => ({ snapshot, reasons: reasons.get(snapshot.id)! }));
  const remove = decisions.filter(({ reasons }) => reasons.length === 0).map(({ snapshot }) => snapshot.id);
  return { now, decisions, remove };
}

/** Of the store's clock and that of this machine neither makes snapshots old by itself. */
function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

/** Carries out `plan`. */
export async function executePurge(tools: HostTools, plan: PurgePlan): Promise<void> {
  await removeSnapshots(tools, plan.remove);
}

function groupOf({ set }: SnapshotInfo): string {
  return set;
}

function asRetained(snapshot: SnapshotInfo) {
  return {
    id: snapshot.id,
    group: groupOf(snapshot),
    claimed: new Date(snapshot.finishedAt),
    stored: new Date(snapshot.storedAt),
    incomplete: snapshot.incomplete,
    suspicious: snapshot.suspicious,
    pinned: snapshot.pinned,
  };
}
