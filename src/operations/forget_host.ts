import { UsageError } from "../base/errors.ts";
import { HOST_NAME, parseContentName, RETIRED_NAME } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import { removeObjects } from "../store/remove_objects.ts";
import { removeUnlocked } from "./remove.ts";
import { listedSnapshots } from "../read/snapshots.ts";

const RETIRED = new TextEncoder().encode('{"vaultik_retired":2}\n');

/** What retiring a host would do. */
export interface ForgetPlan {
  readonly host: string;
  /** Ids of its snapshots, which are removed, pinned ones too. */
  readonly snapshots: readonly string[];
  readonly pinned: readonly string[];
  /** Blobs, pages and lists, which are prune's to delete; and their bytes. */
  readonly contents: number;
  readonly bytes: number;
  /** Other objects. They are removed once nothing else is there: then the host is gone. */
  readonly others: number;
}

/** What came of it. */
export interface ForgetSummary {
  /** Ids. */
  readonly removed: readonly string[];
  /** Ids of those that the store does not let go yet. */
  readonly locked: readonly string[];
  /** Nothing of the host is left. */
  readonly isGone: boolean;
}

/** Decides what goes with a host. Throws `UsageError` for this machine itself, which would go on backing up. */
export async function planForget(tools: HostTools): Promise<ForgetPlan> {
  const { host, own, store, signal } = tools;
  if (host === own) {
    throw new UsageError(
      "Cannot forget this machine: it is still set up to back up; end that, and forget it from another machine",
    );
  }
  const snapshots = await listedSnapshots(tools);
  const found = { contents: 0, bytes: 0, others: 0 };
  for await (const { name, size } of store.list("", { signal })) {
    if (parseContentName(name) === undefined) found.others++;
    else {
      found.contents++;
      found.bytes += size;
    }
  }
  const pinned = snapshots.filter(({ pinned }) => pinned).map(({ id }) => id);
  return { host, snapshots: snapshots.map(({ id }) => id), pinned, ...found };
}

/**
 * Carries out `plan`: marks the host as retired, removes its snapshots, and where no contents are left, all else. A snapshot that is made
 * meanwhile stays, and the host counts again. Safe to repeat.
 */
export async function executeForget(tools: HostTools, plan: ForgetPlan): Promise<ForgetSummary> {
  const { store, signal } = tools;
  const isEmpty = plan.contents === 0 && plan.snapshots.length === 0;
  if (isEmpty) return { removed: [], locked: [], isGone: await removeRest(tools) };
  await store.put(RETIRED_NAME, RETIRED, { signal });
  const locked = await removeUnlocked(tools, plan.snapshots);
  const removed = plan.snapshots.filter((id) => !locked.has(id));
  return { removed, locked: [...locked.keys()], isGone: false };
}

/** What says whose directory it was goes last. Whether all is gone. */
async function removeRest({ store, signal }: HostTools): Promise<boolean> {
  const rest = (await Array.fromAsync(store.list("", { signal }))).map(({ name }) => name);
  if (rest.some((name) => parseContentName(name) !== undefined)) return false;
  const others = rest.filter((name) => name !== HOST_NAME);
  for (const names of [others, [HOST_NAME]]) {
    if ((await removeObjects(store, names, { signal })).length > 0) return false;
  }
  return true;
}
