import { SNAPSHOT_STORED_MAX } from "../model/manifest.ts";
import { snapshotName } from "../model/names.ts";
import type { ObjectStore } from "../store/store.ts";

/** A host's directory, as `HostTools` has it. */
interface Place {
  readonly store: ObjectStore;
  readonly signal: AbortSignal;
}

/** The stored bytes of a sealed snapshot, within bounds. */
export function fetchSealed({ store, signal }: Place, id: string): Promise<Uint8Array> {
  return store.get(snapshotName(id), { signal, maxBytes: SNAPSHOT_STORED_MAX });
}

/** The sealed snapshot beside the first manifest that is fetched, fetched with it, for a command that is going to open what it finds. */
export class SealedAhead {
  #hasBegun = false;
  #waiting: { readonly id: string; readonly bytes: Promise<Uint8Array> } | undefined;

  begin(place: Place, id: string): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const bytes = fetchSealed(place, id);
    bytes.catch(() => {}); // thrown to who takes it
    this.#waiting = { id, bytes };
  }

  /** That of snapshot `id`, which stays to be taken; `undefined` where none was begun. */
  look(id: string): Promise<Uint8Array> | undefined {
    return this.#waiting?.id === id ? this.#waiting.bytes : undefined;
  }

  /** That of snapshot `id`, once; `undefined` where none was begun. */
  take(id: string): Promise<Uint8Array> | undefined {
    if (this.#waiting?.id !== id) return undefined;
    const { bytes } = this.#waiting;
    this.#waiting = undefined;
    return bytes;
  }
}
