import { CorruptionError, OtherKeyError } from "../base/errors.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { type HostTools, labelOf } from "../read/hosts.ts";
import type { SnapshotInfo } from "../read/snapshot_info.ts";
import { eachSnapshot, readManifest, readSnapshot } from "../read/snapshots.ts";

/** Whether identities open the newest snapshot of one source set of a host. */
export interface KeyVerdict {
  readonly host: string;
  /** As the snapshot says where it was opened, else as it is known here. */
  readonly hostname: string;
  readonly name: string | undefined;
  readonly snapshot: string | undefined;
  readonly startedAt: string | undefined;
  readonly state: "opens" | "other-key" | "damaged" | "no-snapshot";
  readonly problem: string | undefined;
}

/** Opens the newest snapshot of each source set of `hosts`. Throws what the store does where it cannot be asked. */
export async function verifyKey(
  hosts: readonly HostTools[],
  identities: readonly Identity[],
): Promise<KeyVerdict[]> {
  const opener = new HeaderOpener(identities);
  const verdicts: KeyVerdict[] = [];
  for (const host of hosts) {
    const newest = new Map<string, SnapshotInfo>();
    for await (const found of eachSnapshot(host)) {
      if (!("error" in found)) newest.set(found.set, found); // in the order of their ids, which begin with the time
      else verdicts.push(verdict(host, found, "damaged", found.error.message));
    }
    for (const info of newest.values()) verdicts.push(await tryOpening(host, info, opener));
    if (!verdicts.some((one) => one.host === host.host)) {
      verdicts.push(verdict(host, undefined, "no-snapshot"));
    }
  }
  return verdicts;
}

async function tryOpening(host: HostTools, info: SnapshotInfo, opener: HeaderOpener): Promise<KeyVerdict> {
  try {
    const snapshot = await readSnapshot(host, await readManifest(host, info.id), opener);
    return verdict(host, { ...info, hostname: snapshot.hostname, name: snapshot.name }, "opens");
  } catch (error) {
    if (error instanceof CorruptionError) return verdict(host, info, "damaged", error.message);
    if (!(error instanceof OtherKeyError)) throw error;
    return verdict(host, info, "other-key", "it was made for another key");
  }
}

function verdict(
  tools: HostTools,
  snapshot: Partial<SnapshotInfo> | undefined,
  state: KeyVerdict["state"],
  problem?: string,
): KeyVerdict {
  return {
    host: tools.host,
    hostname: snapshot?.hostname ?? labelOf(tools, tools.host),
    name: snapshot?.name,
    snapshot: snapshot?.id,
    startedAt: snapshot?.startedAt,
    state,
    problem,
  };
}
