import { SNAPSHOT_STORED_MAX } from "../model/manifest.ts";
import { snapshotName } from "../model/names.ts";
import type { ObjectStore } from "../store/store.ts";

/** A host's directory, as `HostTools` has it. */
interface Place {
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
}

/** The sealed snapshot beside the first manifest that is fetched, fetched with it, for a command that is going to open what it finds. */
export class SealedAhead {
  #begun: { readonly id: string; readonly bytes: Promise<Uint8Array> } | undefined;

  begin({ store, signal }: Place, id: string): void {
    if (this.#begun !== undefined) return;
    const bytes = store.get(snapshotName(id), { signal, maxBytes: SNAPSHOT_STORED_MAX });
    bytes.catch(() => {}); // thrown to who takes it
    this.#begun = { id, bytes };
  }

  /** That of snapshot `id`, once; `undefined` where none was begun. */
  take(id: string): Promise<Uint8Array> | undefined {
    const bytes = this.#begun?.id === id ? this.#begun.bytes : undefined;
    if (bytes !== undefined) this.#begun = { id: "", bytes };
    return bytes;
  }
}
