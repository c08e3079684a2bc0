import {
  isSnapshotId,
  manifestName,
  snapshotName,
  snapshotOfMetadata,
  SNAPSHOTS_PREFIX,
} from "../../model/names.ts";
import type { ObjectInfo } from "../../store/store.ts";
import type { HostTools } from "../../read/hosts.ts";
import { isVoid } from "../../read/snapshots.ts";

/** What is in the directory of one snapshot. */
export interface SnapshotObjects {
  readonly id: string;
  /** Absent while it is being published, for ever where that was cut off or it is being removed. */
  manifest?: ObjectInfo;
  /** Instead of a manifest. */
  void?: ObjectInfo;
  /** `snapshot.json.zst.age`: it announces that a manifest is to come. */
  announcement?: ObjectInfo;
  readonly others: ObjectInfo[];
}

/** Everything in `snapshots/`, by snapshot. */
export async function listMetadata(
  { store, signal }: Pick<HostTools, "store" | "signal">,
): Promise<SnapshotObjects[]> {
  const found = new Map<string, SnapshotObjects>();
  for await (const info of store.list(SNAPSHOTS_PREFIX, { signal })) {
    const id = snapshotOfMetadata(info.name);
    if (id === undefined || !isSnapshotId(id)) continue;
    let objects = found.get(id);
    if (objects === undefined) found.set(id, objects = { id, others: [] });
    if (info.name === snapshotName(id)) objects.announcement = info;
    else if (info.name !== manifestName(id)) objects.others.push(info);
    else if (await isVoid(store, info, signal)) objects.void = info;
    else objects.manifest = info;
  }
  return [...found.values()];
}
