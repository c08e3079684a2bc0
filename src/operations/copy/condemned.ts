import { CorruptionError } from "../../base/errors.ts";
import type { Manifest } from "../../model/manifest.ts";
import { noIds } from "../prune/prune_plan.ts";
import { listPruneObjects, readRecord } from "../prune/records.ts";
import type { Tools } from "../options.ts";

/** What prunes of a store have condemned: no manifest that is written from now on may name it. */
export class Condemned {
  readonly #at: Pick<Tools, "store" | "signal">;
  readonly #ids = noIds();
  readonly #read = new Set<string>();

  constructor(at: Pick<Tools, "store" | "signal">) {
    this.#at = at;
  }

  /** Looks, again, whether a manifest must not be written. Throws `CorruptionError` at a record that is damaged. */
  async isNeededBy({ blobs, pages }: Manifest): Promise<boolean> {
    await this.#look();
    return blobs.some(([id]) => this.#ids.blobs.has(id)) || pages.some(([id]) => this.#ids.pages.has(id));
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
          `Cannot tell what "${name}" condemns: it is damaged; vaultik prune of that store removes it`,
        );
      }
      for (const id of record.blobs) this.#ids.blobs.addText(id);
      for (const id of record.pages) this.#ids.pages.addText(id);
      this.#read.add(name);
    }
  }
}
