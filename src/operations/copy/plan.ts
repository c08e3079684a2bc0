import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Manifest } from "../../model/manifest.ts";
import {
  manifestName,
  snapshotName,
  snapshotOfManifest,
  snapshotOfMetadata,
  SNAPSHOTS_PREFIX,
} from "../../model/names.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import { isVoid, readableManifests, readManifest } from "../../read/snapshots.ts";
import type { ObjectStore } from "../../store/store.ts";
import { BESIDE_MAX, type CopyPlan, CopyPlanner } from "./copy_plan.ts";

/** What a listing of the source tells of its snapshots. */
interface ListedMetadata {
  /** Stored bytes of manifests, by snapshot. */
  readonly manifests: ReadonlyMap<string, number>;
  /** By snapshot: what is stored with it and not named by a manifest. */
  readonly beside: ReadonlyMap<string, readonly string[]>;
}

/** Compares what the snapshots `ids` of a host (all where there are none) need with one listing of `target`, its directory there. */
export async function planCopy(
  tools: HostTools,
  target: ObjectStore,
  ids: readonly string[],
): Promise<CopyPlan> {
  const present = await sizesIn(target, tools);
  const planner = new CopyPlanner(present);
  const { manifests, beside } = await listMetadata(tools);
  const lists = new BlobLists(tools);
  const there = atTarget(tools, target);
  const targetLists = new BlobLists(there);
  const onUnreadable = (id: string, error: Error) => {
    if (error instanceof CorruptionError) planner.addProblem(id, manifestName(id), unreadable(error));
  };
  for await (
    const manifest of ids.length === 0 ? readableManifests(tools, onUnreadable) : named(tools, ids)
  ) {
    const { id } = manifest;
    const size = present.get(manifestName(id));
    const kept = size === undefined || size === manifests.get(id) ? undefined : await keptManifest(there, id);
    try {
      const blobs = await (kept === undefined ? lists.all(manifest) : targetLists.all(kept));
      planner.add(kept ?? manifest, blobs, beside.get(id) ?? [], kept !== undefined);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      planner.addProblem(id, manifestName(id), unreadable(error));
    }
  }
  return planner.plan;
}

/** The state of a manifest that, or a list of which, is damaged. */
export function unreadable({ message }: Error): string {
  return `does not tell what its snapshot needs: ${message}`;
}

/** What reads from the target of a copy. Nothing of it is kept here. */
export function atTarget(tools: HostTools, target: ObjectStore): HostTools {
  return { ...tools, store: target, cache: undefined };
}

/** The manifest that the target has, where it is one of the host; a repair of the source may have written another one since it was copied. */
async function keptManifest(there: HostTools, id: string): Promise<Manifest | undefined> {
  try {
    return await readManifest(there, id);
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}

async function* named(tools: HostTools, ids: readonly string[]): AsyncGenerator<Manifest> {
  for (const id of new Set(ids)) yield await readManifest(tools, id);
}

async function sizesIn(target: ObjectStore, { signal }: HostTools): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of target.list("", { signal })) {
    const isManifest = snapshotOfManifest(name) !== undefined;
    if (!isManifest || !await isVoid(target, { name, size }, signal)) sizes.set(name, size);
  }
  return sizes;
}

async function listMetadata({ store, signal }: HostTools): Promise<ListedMetadata> {
  const manifests = new Map<string, number>();
  const beside = new Map<string, string[]>();
  for await (const { name, size } of store.list(SNAPSHOTS_PREFIX, { signal })) {
    const id = snapshotOfMetadata(name);
    if (id === undefined || name === snapshotName(id)) continue;
    if (name === manifestName(id)) manifests.set(id, size);
    else if (size <= BESIDE_MAX) beside.set(id, [...beside.get(id) ?? [], name]);
  }
  return { manifests, beside };
}
