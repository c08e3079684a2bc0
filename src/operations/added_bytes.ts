import { CorruptionError, RefusedError } from "../base/errors.ts";
import type { Manifest } from "../model/manifest.ts";
import { BlobLists } from "../read/blob_lists.ts";
import type { HostTools } from "../read/hosts.ts";
import { readableManifests } from "../read/snapshots.ts";

/**
 * Stored bytes that each snapshot of a host added: of blobs that no earlier one needs. Reads each list of blobs once, however many snapshots
 * share it. What lists that cannot be read would tell is missing.
 */
export async function addedBytes(tools: HostTools): Promise<ReadonlyMap<string, number>> {
  const added = new Map<string, number>();
  const seen = new Seen(new BlobLists(tools));
  try {
    for await (const manifest of readableManifests(tools, () => {})) {
      const bytes = await seen.add(manifest);
      if (bytes !== undefined) added.set(manifest.id, bytes);
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  return added;
}

/** The blobs of the snapshots so far. */
class Seen {
  readonly #lists: BlobLists;
  readonly #known = new Set<string>();
  readonly #blobs = new Set<string>();

  constructor(lists: BlobLists) {
    this.#lists = lists;
  }

  /** Adds the blobs of a snapshot: bytes of those that are new, `undefined` where a list is lost. */
  async add({ lists, tail }: Manifest): Promise<number | undefined> {
    let bytes = 0;
    const count = (blobs: Manifest["tail"]) => {
      for (const [, id, size] of blobs) {
        if (this.#blobs.has(id)) continue;
        this.#blobs.add(id);
        bytes += size;
      }
    };
    try {
      for (const list of lists) {
        if (this.#known.has(list[0])) continue;
        count(await this.#lists.read(list));
        this.#known.add(list[0]);
      }
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      return undefined;
    }
    count(tail);
    return bytes;
  }
}
