import { UsageError } from "../base/errors.ts";
import { acceptedName, manifestName, pinName, snapshotName } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { type Choice, type ResolvedSnapshot, resolveSnapshot } from "../read/resolve.ts";

const PIN = new TextEncoder().encode('{"vaultik_pin":2}\n');
const ACCEPTED = new TextEncoder().encode('{"vaultik_accepted":2}\n');

/** The snapshots that `wanted` names (ids, beginnings of one only, `latest`), each once. Throws `UsageError` where one is pinned. */
export async function planRemoval(
  tools: Tools,
  wanted: readonly string[],
  choice: Choice = {},
): Promise<ResolvedSnapshot[]> {
  const found = new Map<string, ResolvedSnapshot>();
  for (const word of wanted) {
    const snapshot = await resolveSnapshot(tools, word, choice);
    found.set(snapshot.id, snapshot);
  }
  for (const { tools: { store, signal }, id } of found.values()) {
    if (await store.size(pinName(id), { signal }) === undefined) continue;
    throw new UsageError(
      `Cannot remove snapshot "${id}": it is pinned; vaultik snapshot unpin ${id} lets it go`,
    );
  }
  return [...found.values()];
}

/**
 * Removes snapshots, each with its manifest first: one that is listed is whole, wherever this ends. What only they needed is prune's
 * to delete.
 */
export async function removeSnapshots({ store, signal }: HostTools, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    for (const name of [manifestName(id), snapshotName(id), pinName(id), acceptedName(id)]) {
      await store.remove(name, { signal });
    }
  }
}

/** Keeps a snapshot whatever a policy says, also that of another machine. */
export async function pinSnapshot({ store, signal }: HostTools, id: string): Promise<void> {
  await store.put(pinName(id), PIN, { signal });
}

/** Takes what is suspicious about a snapshot for right: from then on it counts as a good one, and the next is compared with it. */
export async function acceptSnapshot({ store, signal }: HostTools, id: string): Promise<void> {
  await store.put(acceptedName(id), ACCEPTED, { signal });
}

export async function unpinSnapshot({ store, signal }: HostTools, id: string): Promise<void> {
  await store.remove(pinName(id), { signal });
}
