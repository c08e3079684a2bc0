import { UsageError } from "../base/errors.ts";
import { acceptedName, manifestName, pinName, snapshotName } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { removeObjects } from "../store/remove_objects.ts";
import { type Choice, type ResolvedSnapshot, resolveSnapshot } from "../read/resolve.ts";

/** Of so many the manifests go at a time: those whose other objects an interruption leaves to prune. */
const SNAPSHOTS_AT_ONCE = 100;

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
 * to delete. Throws `LockedError` where the store does not let one of them go yet.
 */
export async function removeSnapshots(tools: HostTools, ids: readonly string[]): Promise<void> {
  const [locked] = (await removeUnlocked(tools, ids)).values();
  if (locked !== undefined) throw locked;
}

/** As {@link removeSnapshots}. Those that are locked, or of which a part is, are given by their ids, and why. */
export async function removeUnlocked(
  tools: HostTools,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Error>> {
  const locked = new Map<string, Error>();
  for (let at = 0; at < ids.length; at += SNAPSHOTS_AT_ONCE) {
    const some = ids.slice(at, at + SNAPSHOTS_AT_ONCE);
    await removeEach(tools, some, [manifestName], locked);
    const rest = some.filter((id) => !locked.has(id));
    await removeEach(tools, rest, [snapshotName, pinName, acceptedName], locked);
  }
  return locked;
}

/** Removes the objects of each snapshot that `namesOf` name, in any order. */
async function removeEach(
  { store, signal }: HostTools,
  ids: readonly string[],
  namesOf: readonly ((id: string) => string)[],
  locked: Map<string, Error>,
): Promise<void> {
  const idOf = new Map(ids.flatMap((id) => namesOf.map((nameOf) => [nameOf(id), id])));
  for (const { name, error } of await removeObjects(store, [...idOf.keys()], { signal })) {
    locked.set(idOf.get(name)!, error);
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
