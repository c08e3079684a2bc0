import { NotFoundError } from "../../base/errors.ts";
import type { SnapshotInfo, Tools } from "../options.ts";
import { listSnapshots, resolveSnapshot } from "../snapshots.ts";

/** Which snapshots `latest` is chosen of. */
export interface LatestFilter {
  readonly host?: string;
  readonly name?: string;
  /** Those that were begun before. */
  readonly before?: Date;
}

/** The id that `wanted` means; for `latest` that of the newest that the filter lets through. Throws `NotFoundError`, `UsageError`. */
export async function chooseSnapshot(tools: Tools, wanted: string, filter: LatestFilter): Promise<string> {
  const isFiltered = filter.host !== undefined || filter.name !== undefined || filter.before !== undefined;
  if (wanted !== "latest" || !isFiltered) return await resolveSnapshot(tools, wanted);
  const latest = latestOf(await listSnapshots(tools), filter);
  if (latest !== undefined) return latest.id;
  throw new NotFoundError(
    `Cannot find a snapshot: ${tools.store.location} has none of that host, name and time`,
  );
}

/** The last of `snapshots`, which are in order, that the filter lets through. */
export function latestOf<T extends Pick<SnapshotInfo, "host" | "name" | "startedAt">>(
  snapshots: readonly T[],
  { host, name, before }: LatestFilter,
): T | undefined {
  return snapshots.findLast((snapshot) =>
    (host === undefined || snapshot.host === host) && (name === undefined || snapshot.name === name) &&
    (before === undefined || Date.parse(snapshot.startedAt) < before.getTime())
  );
}
