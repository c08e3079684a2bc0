import { UsageError } from "../base/errors.ts";
import { manifestName, pinName, snapshotName } from "../model/names.ts";
import type { Tools } from "./options.ts";
import { resolveSnapshot } from "./snapshots.ts";

const PIN = new TextEncoder().encode('{"vaultik_pin":1}\n');

/** The ids that `wanted` names (ids, beginnings of one only, `latest`), each once. Throws `UsageError` where one is pinned. */
export async function planRemoval(tools: Tools, wanted: readonly string[]): Promise<string[]> {
  const ids = new Set<string>();
  for (const word of wanted) ids.add(await resolveSnapshot(tools, word));
  for (const id of ids) {
    if (await tools.store.size(pinName(id), { signal: tools.signal }) === undefined) continue;
    throw new UsageError(
      `Cannot remove snapshot "${id}": it is pinned; vaultik snapshot unpin ${id} lets it go`,
    );
  }
  return [...ids];
}

/**
 * Removes snapshots, each with its manifest first: one that is listed is whole, wherever this ends. What only they needed is prune's
 * to delete.
 */
export async function removeSnapshots({ store, signal }: Tools, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (const name of [manifestName(id), snapshotName(id), pinName(id)]) {
      await store.remove(name, { signal });
    }
  }
}

/** Keeps a snapshot whatever a policy says, also that of another machine. */
export async function pinSnapshot({ store, signal }: Tools, id: string): Promise<void> {
  await store.put(pinName(id), PIN, { signal });
}

export async function unpinSnapshot({ store, signal }: Tools, id: string): Promise<void> {
  await store.remove(pinName(id), { signal });
}
