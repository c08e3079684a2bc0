import { LockedError } from "../base/errors.ts";
import { forEachParallel } from "../base/parallel.ts";
import { type CallOptions, type NotRemoved, type ObjectStore, REMOVED_AT_ONCE } from "./store.ts";

/** Requests at a time where each removes one object. */
const SINGLE_REMOVALS = 16;

export interface RemovalOptions extends CallOptions {
  /** Is called for each object with which it is done. */
  readonly onDone?: () => void;
}

/**
 * Removes objects, by as few requests as the store allows, and gives those that a lock keeps. Throws the first other failure, after which some
 * of the others may be there too. They go in any order: what has to go first is for a call of its own.
 */
export async function removeObjects(
  store: ObjectStore,
  names: readonly string[],
  options: RemovalOptions = {},
): Promise<NotRemoved[]> {
  const locked: NotRemoved[] = [];
  for (let at = 0; at < names.length; at += REMOVED_AT_ONCE) {
    const some = names.slice(at, at + REMOVED_AT_ONCE);
    const rest = await removeTogether(store, some, locked, options);
    await forEachParallel(rest, SINGLE_REMOVALS, (name) => removeOne(store, name, locked, options));
  }
  return locked;
}

/** Names of those that are to be removed each by itself: where it fails, that says why. */
async function removeTogether(
  store: ObjectStore,
  names: readonly string[],
  locked: NotRemoved[],
  { signal, onDone }: RemovalOptions,
): Promise<readonly string[]> {
  if (names.length === 1) return names;
  const left = await store.removeMany?.(names, { signal });
  if (left === undefined) return names;
  const byName = new Map(left.map((one) => [one.name, one]));
  const rest: string[] = [];
  for (const name of names) {
    const one = byName.get(name);
    if (one !== undefined && !(one.error instanceof LockedError)) {
      rest.push(name);
      continue;
    }
    if (one !== undefined) locked.push(one);
    onDone?.();
  }
  return rest;
}

async function removeOne(
  store: ObjectStore,
  name: string,
  locked: NotRemoved[],
  { signal, onDone }: RemovalOptions,
): Promise<void> {
  try {
    await store.remove(name, { signal });
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    locked.push({ name, error });
  }
  onDone?.();
}
