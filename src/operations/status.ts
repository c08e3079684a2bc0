import { type Health, type HealthLimits, healthOf, type HealthState } from "../model/backup_health.ts";
import { hostsOf, type HostTools, labelOf } from "./hosts.ts";
import type { SnapshotInfo, Tools } from "./options.ts";
import { eachSnapshot } from "./snapshots.ts";

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

export interface FleetStatus {
  readonly sets: readonly SetStatus[];
  readonly hosts: number;
  readonly hostProblems: readonly HostProblem[];
}

const TAG_SHOWN = 8;

/** How the backups of all hosts of a store are, or of those in `hosts`. Needs no key. */
export async function fleetStatus(
  tools: Tools,
  limits: HealthLimits,
  hosts?: readonly HostTools[],
): Promise<FleetStatus> {
  const chosen = hosts ?? await hostsOf(tools);
  const sets: SetStatus[] = [];
  const hostProblems: HostProblem[] = [];
  for (const host of chosen) {
    const { infos, unreadable } = await snapshotsOf(host);
    const label = infos.at(-1)?.hostname ?? labelOf(tools, host.host);
    const problem = (state: HealthState, problem: string) =>
      hostProblems.push({ host: host.host, label, state, problem });
    if (unreadable.length > 0) problem("critical", `damaged manifests: ${unreadable.join(", ")}`);
    else if (infos.length === 0) problem("critical", "it has no snapshot");
    for (const group of Map.groupBy(infos, ({ set }) => set).values()) {
      sets.push(statusOf(host, label, group, healthOf(group, limits, tools.now())));
    }
  }
  return { sets, hosts: chosen.length, hostProblems };
}

async function snapshotsOf(host: HostTools): Promise<{ infos: SnapshotInfo[]; unreadable: string[] }> {
  const infos: SnapshotInfo[] = [];
  const unreadable: string[] = [];
  for await (const found of eachSnapshot(host)) {
    if ("error" in found) unreadable.push(found.id);
    else infos.push(found);
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
