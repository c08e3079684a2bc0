import { NotFoundError } from "../base/errors.ts";
import { type Health, type HealthLimits, healthOf, type HealthState } from "../model/backup_health.ts";
import type { DrillKind } from "../model/drill_record.ts";
import { type DrillHealth, drillHealthOf } from "../model/drill_health.ts";
import { type KnownDrills, knownDrills } from "./drill/records.ts";
import { isRetired } from "./host_list.ts";
import { hostsOf, type HostTools, labelOf } from "../read/hosts.ts";
import type { SnapshotInfo } from "../read/snapshot_info.ts";
import type { Tools } from "../read/tools.ts";
import { eachSnapshot } from "../read/snapshots.ts";

/** How one source set of a host is. */
export interface SetStatus extends Health {
  readonly host: string;
  /** Its hostname, or its id where that is not known here. */
  readonly label: string;
  /** Where it can be read here, else the beginning of its tag. */
  readonly name: string;
  readonly snapshots: number;
  /** The newest snapshot, good or not. */
  readonly newest: string;
  /** By its host's clock. */
  readonly newestAt: string;
  readonly bytes: number | undefined;
}

/** What is wrong with a host as a whole: it has no snapshot, or manifests that cannot be read. */
export interface HostProblem {
  readonly host: string;
  readonly label: string;
  readonly state: HealthState;
  readonly problem: string;
}

/** What is known of the drills of a host. */
export interface HostDrills extends DrillHealth {
  readonly host: string;
  readonly label: string;
  readonly drills: Partial<Record<DrillKind, KnownDrills>>;
}

/** What is a warning, and what is critical. */
export interface StatusLimits extends HealthLimits {
  /** How often each host is to have a drill; absent: no matter. */
  readonly drillIntervalMs?: number;
}

export interface FleetStatus {
  readonly sets: readonly SetStatus[];
  readonly hosts: number;
  /** Of each host. */
  readonly drills: readonly HostDrills[];
  readonly hostProblems: readonly HostProblem[];
}

const TAG_SHOWN = 8;

/** How the backups of all hosts of a store are, or of those in `hosts`. Needs no key. */
export async function fleetStatus(
  tools: Tools,
  limits: StatusLimits,
  hosts?: readonly HostTools[],
): Promise<FleetStatus> {
  const chosen = hosts ?? await hostsOf(tools);
  const sets: SetStatus[] = [];
  const drills: HostDrills[] = [];
  const hostProblems: HostProblem[] = [];
  for (const host of chosen) {
    const { infos, unreadable } = await snapshotsOf(host);
    const label = infos.at(-1)?.hostname ?? labelOf(tools, host.host);
    const problem = (state: HealthState, problem: string) =>
      hostProblems.push({ host: host.host, label, state, problem });
    if (unreadable.length > 0) problem("critical", `damaged manifests: ${unreadable.join(", ")}`);
    else if (infos.length === 0 && await isRetired(host)) continue;
    else if (infos.length === 0) problem("critical", "it has no snapshot");
    drills.push(await drillsOf(host, label, limits));
    for (const group of Map.groupBy(infos, ({ set }) => set).values()) {
      sets.push(statusOf(host, label, group, healthOf(group, limits, tools.now())));
    }
  }
  return { sets, hosts: chosen.length, drills, hostProblems };
}

async function snapshotsOf(host: HostTools): Promise<{ infos: SnapshotInfo[]; unreadable: string[] }> {
  const infos: SnapshotInfo[] = [];
  const unreadable: string[] = [];
  for await (const found of eachSnapshot(host)) {
    if (!("error" in found)) infos.push(found);
    else if (!(found.error instanceof NotFoundError)) unreadable.push(found.id);
  }
  return { infos, unreadable };
}

function statusOf(
  { host }: HostTools,
  label: string,
  group: readonly SnapshotInfo[],
  health: Health,
): SetStatus {
  const newest = group.reduce((a, b) => (a.finishedAt > b.finishedAt ? a : b));
  return {
    host,
    label,
    name: newest.name ?? newest.set.slice(0, TAG_SHOWN),
    snapshots: group.length,
    newest: newest.id,
    newestAt: newest.finishedAt,
    bytes: newest.bytes,
    ...health,
  };
}

async function drillsOf(host: HostTools, label: string, limits: StatusLimits): Promise<HostDrills> {
  const drills = await knownDrills(host);
  const last = [drills.source, drills.restore].flatMap((known) => known === undefined ? [] : [known.last]);
  const health = drillHealthOf(last, limits.drillIntervalMs, host.now());
  return { host: host.host, label, drills, ...health };
}
