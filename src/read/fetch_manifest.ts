import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { MANIFEST_STORED_MAX } from "../model/manifest.ts";
import { manifestName } from "../model/names.ts";
import { listedInfo } from "../store/store.ts";
import type { HostTools } from "./hosts.ts";

/** The stored bytes of a manifest, within bounds. */
export function fetchManifest({ store, signal }: HostTools, id: string): Promise<Uint8Array> {
  return store.get(manifestName(id), { signal, maxBytes: MANIFEST_STORED_MAX });
}

/**
 * As {@link fetchManifest}, of one that a listing has shown. Throws `NotFoundError` where it was removed since, and `CorruptionError` where the
 * store goes on to list what it does not have: some lose an object and keep its name.
 */
export async function fetchListedManifest(tools: HostTools, id: string): Promise<Uint8Array> {
  try {
    return await fetchManifest(tools, id);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const { store, signal } = tools;
    const name = manifestName(id);
    if (await listedInfo(store, name, { signal }) === undefined) throw error;
    throw new CorruptionError(
      `Cannot read manifest "${store.location}/${name}": the store lists it, and does not have it`,
      { cause: error },
    );
  }
}
