import { toHex, toLatin1 } from "../base/bytes.ts";
import { type BlobIndex, PACKED_CHUNK_BYTES, type Upload } from "../index/blobs.ts";
import type { Place } from "../model/entry.ts";
import type { BlobKind } from "../model/names.ts";

const ID_BYTES = 32;

/** Places of the chunks of one file (or list pages of one entry), in order; some may still be on their way to the store. */
export class Places {
  readonly #places: (Place | undefined)[] = [];
  #missing = 0;
  #onComplete: (() => void) | undefined;

  get all(): readonly Place[] {
    return this.#places as readonly Place[];
  }

  /** Calls back once, when no more places are expected and all are known; at once if that is so. */
  whenComplete(callback: () => void): void {
    if (this.#missing === 0) callback();
    else this.#onComplete = callback;
  }

  push(place: Place): void {
    this.#places.push(place);
  }

  /** Keeps a seat for a place that {@link settle} will fill. */
  expect(): number {
    this.#missing++;
    return this.#places.push(undefined) - 1;
  }

  settle(seat: number, place: Place): void {
    this.#places[seat] = place;
    if (--this.#missing === 0) this.#onComplete?.();
  }
}

interface Seat {
  readonly places: Places;
  readonly seat: number;
}

/**
 * Says of each chunk whether it must be stored: not where the store has it, nor where another file of this run has it on its way.
 * What is on its way is bounded by the blobs in memory.
 */
export class ChunkClaims {
  readonly #index: BlobIndex;
  readonly #kind: BlobKind;
  /** By id, as a byte string: who waits for the chunk's place. */
  readonly #onTheirWay = new Map<string, Seat[]>();

  constructor(index: BlobIndex, kind: BlobKind) {
    this.#index = index;
    this.#kind = kind;
  }

  /** True where the caller must store the chunk `id`. Its place goes to the end of `places`, now or when it is stored. */
  claim(id: Uint8Array, places: Places): boolean {
    const key = toLatin1(id);
    const waiting = this.#onTheirWay.get(key);
    if (waiting !== undefined) {
      waiting.push({ places, seat: places.expect() });
      return false;
    }
    const known = this.#index.locate(this.#kind, id);
    if (known !== undefined) {
      places.push(known);
      return false;
    }
    this.#onTheirWay.set(key, [{ places, seat: places.expect() }]);
    return true;
  }

  /** The store has `upload`: those who waited for its chunks are told. */
  stored(upload: Upload): void {
    const view = new DataView(upload.chunks.buffer, upload.chunks.byteOffset, upload.chunks.byteLength);
    for (let at = 0; at < upload.chunks.length; at += PACKED_CHUNK_BYTES) {
      const id = upload.chunks.subarray(at, at + ID_BYTES);
      const key = toLatin1(id);
      const waiting = this.#onTheirWay.get(key);
      if (waiting === undefined) continue;
      this.#onTheirWay.delete(key);
      const place = {
        blob: upload.id,
        offset: view.getUint32(at + 32, true),
        length: view.getUint32(at + 36, true),
        id: toHex(id),
      };
      for (const { places, seat } of waiting) places.settle(seat, place);
    }
  }
}
