import { RefusedError } from "../base/errors.ts";
import { type HostTools, trustedHostname } from "../read/hosts.ts";
import { toInfo } from "../read/snapshot_info.ts";
import { byFinish, eachManifest, rightNeeded, withoutManifests } from "../read/snapshots.ts";
import type { SnapshotInfo } from "../read/snapshot_info.ts";
import { AddedBytes } from "./added_bytes.ts";

/** What a listing tells of a snapshot, and its manifest where that may be read. */
export type ShownSnapshot =
  & Pick<SnapshotInfo, "id" | "host" | "hostname" | "storedAt" | "pinned">
  & Partial<SnapshotInfo>
  & {
    /** Stored bytes that no earlier snapshot of its host needs. */
    readonly addedBytes?: number;
  };

/**
 * The snapshots of a host, newest last, each with what it added; of those that cannot be read there is a warning. Of a host of which
 * manifests may not be read, what a listing tells.
 */
export async function showSnapshots(tools: HostTools): Promise<readonly ShownSnapshot[]> {
  try {
    return await readAll(tools);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const shown = await withoutManifests(tools);
    tools.report({ kind: "warning", text: `Only what a listing tells is shown: ${rightNeeded(tools)}` });
    return shown.map(({ id, info, pinned }) => ({
      id,
      host: tools.host,
      hostname: trustedHostname(tools, tools.host),
      storedAt: info.modified.toISOString(),
      pinned,
    }));
  }
}

async function readAll(tools: HostTools): Promise<ShownSnapshot[]> {
  const added = new AddedBytes(tools);
  const shown: (SnapshotInfo & ShownSnapshot)[] = [];
  for await (const found of eachManifest(tools)) {
    if ("error" in found) tools.report({ kind: "warning", text: found.error.message });
    else shown.push({ ...toInfo(tools, found, found.manifest), addedBytes: await added.add(found.manifest) });
  }
  return shown.sort(byFinish);
}
