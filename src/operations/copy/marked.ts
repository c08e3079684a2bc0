import { CorruptionError } from "../../base/errors.ts";
import type { NamedBlob } from "../../model/blob_list.ts";
import type { Manifest } from "../../model/manifest.ts";
import { CONTENT_KINDS } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";
import { noIds } from "../prune/prune_plan.ts";
import { listPruneObjects, readRecord } from "../prune/records.ts";

/** What prunes of a host have marked for deletion: no manifest that is written from now on may name it. */
export class Marked {
  readonly #at: Pick<HostTools, "store" | "signal">;
  readonly #ids = noIds();
  readonly #read = new Set<string>();

  constructor(at: Pick<HostTools, "store" | "signal">) {
    this.#at = at;
  }

  /** Looks, again, whether a manifest must not be written. Throws `CorruptionError` at a record that is damaged. */
  async isNeededBy({ lists }: Manifest, blobs: readonly NamedBlob[]): Promise<boolean> {
    await this.#look();
    return lists.some(([id]) => this.#ids.lists.has(id)) ||
      blobs.some(([kind, id]) => this.#ids[kind].has(id));
  }

  /** Each record is read once. */
  async #look(): Promise<void> {
    const { records } = await listPruneObjects(this.#at);
    for (const { name } of records) {
      if (this.#read.has(name)) continue;
      const record = await readRecord(this.#at, name);
      if (record === undefined) return await this.#look();
      if (record === "damaged") {
        throw new CorruptionError(
          `Cannot tell what "${this.#at.store.location}/${name}" marks for deletion: it is damaged; ` +
            "vaultik prune of that store removes it",
        );
      }
      for (const kind of CONTENT_KINDS) for (const id of record[kind]) this.#ids[kind].addText(id);
      this.#read.add(name);
    }
  }
}
