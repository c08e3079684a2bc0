import { view } from "../base/bytes.ts";
import { BloomFilter } from "../base/bloom_filter.ts";
import { ID_BYTES } from "../base/digest.ts";
import { IdMap } from "../base/id_map.ts";
import type { BlobIndex, Upload } from "../index/blobs.ts";
import { PACKED_CHUNK_BYTES } from "../index/packed_chunks.ts";
import type { BlobKind } from "../model/names.ts";
import type { ChunkSlots } from "./chunk_slots.ts";

/** 2 MiB: enough for a million chunks and more. */
const FILTER_BITS = 2 ** 24;

/**
 * Says of each chunk whether it must be stored: not where the store has it, nor where another file of this run has it on its way.
 * What is on its way is bounded by the blobs in memory.
 */
export class ChunkClaims {
  readonly #index: BlobIndex;
  readonly #kind: BlobKind;
  readonly #onTheirWay = new Seats();
  /** In a first backup, chunks stored so far: spares asking the index for those that it cannot have. Pages are few. */
  readonly #seen: BloomFilter | undefined;

  constructor(index: BlobIndex, kind: BlobKind) {
    this.#index = index;
    this.#kind = kind;
    this.#seen = kind === "blobs" && index.isEmpty(kind) ? new BloomFilter(FILTER_BITS) : undefined;
  }

  /** True where the caller must store the next chunk of `file`, with the id at `ids[at]`. `slots` learn its place, now or later. */
  claim(slots: ChunkSlots, file: number, ids: Uint8Array, at: number, length: number): boolean {
    const slot = slots.add(file, ids, at, length);
    const isOnItsWay = this.#onTheirWay.has(ids, at);
    if (!isOnItsWay && (this.#seen === undefined || this.#seen.mayHave(ids, at))) {
      const known = this.#index.find(this.#kind, ids.subarray(at, at + ID_BYTES));
      if (known !== undefined) {
        slots.set(slot, known.blob, known.offset);
        return false;
      }
    }
    slots.expect();
    this.#onTheirWay.add(ids, at, slots, slot);
    return !isOnItsWay;
  }

  /** The store has `upload`, now blob `number`: the files that waited for its chunks go on. */
  stored(upload: Upload, number: number): void {
    const chunks = view(upload.chunks);
    for (let at = 0; at < chunks.length; at += PACKED_CHUNK_BYTES) {
      this.#seen?.add(chunks, at);
      this.#onTheirWay.settle(chunks, at, number, chunks.readUInt32LE(at + ID_BYTES));
    }
  }
}

/** Slots that wait for their chunks to be stored: for each id a list, its members in arrays, because there are very many. */
class Seats {
  /** The last seat taken for an id. */
  readonly #lastOf = new IdMap();
  readonly #slots: (ChunkSlots | undefined)[] = [];
  readonly #slot: number[] = [];
  /** The seat before it for the same id, or the next free one; -1 at the end. */
  readonly #next: number[] = [];
  #free = -1;

  has(ids: Uint8Array, at: number): boolean {
    return this.#lastOf.get(ids, at) >= 0;
  }

  add(ids: Uint8Array, at: number, slots: ChunkSlots, slot: number): void {
    let seat = this.#free;
    if (seat < 0) seat = this.#slots.length;
    else this.#free = this.#next[seat]!;
    this.#slots[seat] = slots;
    this.#slot[seat] = slot;
    this.#next[seat] = this.#lastOf.get(ids, at);
    this.#lastOf.set(ids, at, seat);
  }

  /** Tells all who wait for the id at `ids[at]` where the chunk is. */
  settle(ids: Uint8Array, at: number, blob: number, offset: number): void {
    for (let seat = this.#lastOf.take(ids, at); seat >= 0;) {
      const next = this.#next[seat]!;
      const slots = this.#slots[seat]!;
      this.#slots[seat] = undefined;
      this.#next[seat] = this.#free;
      this.#free = seat;
      slots.settle(this.#slot[seat]!, blob, offset);
      seat = next;
    }
  }
}
