import { UsageError } from "../../base/errors.ts";
import type { Upload } from "../../index/blobs.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import { acceptedName, blobName, manifestName } from "../../model/names.ts";
import type { Tools } from "../../read/tools.ts";
import type { Remote } from "../../threads/rpc.ts";
import { type Looks, REFUSED } from "./looks.ts";
import type { IndexApi, OpenedIndex } from "./messages.ts";

/** Brings what the index knows of the store to what the store has, before a backup. */
export class StoreCheck {
  readonly #tools: Tools;
  readonly #looks: Looks;
  readonly #index: Remote<Pick<IndexApi, "accept" | "reconcile" | "settle" | "suspicious" | "trust">>;

  constructor(tools: Tools, looks: Looks, index: Remote<IndexApi>) {
    this.#tools = tools;
    this.#looks = looks;
    this.#index = index;
  }

  /** Suspicious snapshots that someone has accepted, perhaps elsewhere, are what this one is compared with. */
  async settleAccepted(name: string): Promise<void> {
    for (const id of await this.#index.suspicious(name)) {
      const size = await this.#looks.size(acceptedName(id));
      if (size !== undefined && size !== REFUSED) await this.#index.accept(id);
    }
  }

  /** A PUT that was cut off may have arrived: then it is not sent again. Where no one can tell, it is. */
  async settleInterrupted(interrupted: readonly Upload[]): Promise<void> {
    for (const upload of interrupted) {
      const size = await this.#looks.size(blobName(upload.kind, upload.id));
      await this.#index.settle({ upload, arrived: size === upload.size });
    }
  }

  /** A store that lacks our last snapshot was emptied, replaced or purged: what else is gone is asked then. Throws `UsageError`. */
  async check({ store, lastSnapshot }: OpenedIndex): Promise<void> {
    const { location } = this.#tools.store;
    if (store === location && await this.#isThere(lastSnapshot)) return;
    if (store === location && location.startsWith("file:") && await isEmpty(this.#tools)) {
      throw new UsageError(
        `Cannot back up to ${location}: it is empty, though earlier backups went there; is its disk mounted? ` +
          "If they were deleted on purpose: vaultik database purge, and the next run begins from nothing",
      );
    }
    if (store !== undefined) await this.#forgetLost();
    await this.#index.trust(location);
  }

  async #forgetLost(): Promise<void> {
    const { store: { location }, report } = this.#tools;
    const lost = await this.#index.reconcile(await this.#looks.storedBlobs());
    if (lost.length === 0) return;
    const text =
      `${lost.length} blobs that the index knows are not in ${location}: their files are stored again`;
    report({ kind: "warning", text });
  }

  async #isThere(snapshot: KnownSnapshot | undefined): Promise<boolean> {
    if (snapshot === undefined) return true;
    const size = await this.#looks.size(manifestName(snapshot.id));
    return size === REFUSED || size === snapshot.manifestSize;
  }
}

/** What is left of `probe/` by a diagnosis is no backup. */
async function isEmpty({ store, signal }: Tools): Promise<boolean> {
  for await (const { name } of store.list("", { signal })) {
    if (!name.startsWith("probe/")) return false;
  }
  return true;
}
