import { CorruptionError, RefusedError } from "../base/errors.ts";
import type { Manifest } from "../model/manifest.ts";
import { BlobLists } from "../read/blob_lists.ts";
import type { HostTools } from "../read/hosts.ts";

/** Stored bytes that each snapshot of a host added: of blobs that no earlier one needs. Each list of blobs is read once, however many share it. */
export class AddedBytes {
  readonly #lists: BlobLists;
  readonly #known = new Set<string>();
  readonly #blobs = new Set<string>();

  constructor(tools: HostTools) {
    this.#lists = new BlobLists(tools);
  }

  /** Bytes of the snapshot's blobs that are new; `undefined` where a list is lost, or may not be read. The older one comes first. */
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
      if (!(error instanceof CorruptionError || error instanceof RefusedError)) throw error;
      return undefined;
    }
    count(tail);
    return bytes;
  }
}
