import { view } from "../../base/bytes.ts";
import { BloomFilter } from "../../base/bloom_filter.ts";
import { type BlobIndex, PACKED_CHUNK_BYTES, type Upload } from "../../index/blobs.ts";
import type { BlobKind } from "../../model/names.ts";
import type { ChunkSlots } from "./chunk_slots.ts";

const ID_BYTES = 32;
/** 4 MiB: enough for some millions of chunks. */
const FILTER_BITS = 2 ** 25;

/** A slot that waits for its chunk to be stored. */
interface Seat {
  readonly slots: ChunkSlots;
  readonly slot: number;
  readonly next: Seat | undefined;
}

/**
 * Says of each chunk whether it must be stored: not where the store has it, nor where another file of this run has it on its way.
 * What is on its way is bounded by the blobs in memory.
 */
export class ChunkClaims {
  readonly #index: BlobIndex;
  readonly #kind: BlobKind;
  /** By id, as a byte string. */
  readonly #onTheirWay = new Map<string, Seat>();
  /** In a first backup, what was stored so far: spares asking the index for chunks that it cannot have. */
  readonly #seen: BloomFilter | undefined;

  constructor(index: BlobIndex, kind: BlobKind) {
    this.#index = index;
    this.#kind = kind;
    this.#seen = index.isEmpty(kind) ? new BloomFilter(FILTER_BITS) : undefined;
  }

  /** For each of the `ids` (32 bytes each), the next chunks of `file`: 1 where the caller must store it. */
  claimAll(slots: ChunkSlots, file: number, ids: Uint8Array, lengths: Uint32Array): Uint8Array {
    const keys = view(ids).toString("latin1");
    const wanted = new Uint8Array(lengths.length);
    for (let i = 0; i < lengths.length; i++) {
      const id = ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES);
      const slot = slots.add(file, id, lengths[i]);
      if (this.claim(slots, slot, id, keys.slice(i * ID_BYTES, (i + 1) * ID_BYTES))) wanted[i] = 1;
    }
    return wanted;
  }

  /** True where the caller must store the chunk `id`, whose byte string is `key`. `slots` learn its place, now or later. */
  claim(slots: ChunkSlots, slot: number, id: Uint8Array, key: string): boolean {
    const waiting = this.#onTheirWay.get(key);
    if (waiting === undefined && (this.#seen === undefined || this.#seen.mayHave(id))) {
      const known = this.#index.find(this.#kind, id);
      if (known !== undefined) {
        slots.set(slot, known.blob, known.offset);
        return false;
      }
    }
    slots.expect();
    this.#onTheirWay.set(key, { slots, slot, next: waiting });
    return waiting === undefined;
  }

  /** The store has `upload`, now blob `number`: those who waited for its chunks are told. */
  stored(upload: Upload, number: number): void {
    const chunks = view(upload.chunks);
    for (let at = 0; at < chunks.length; at += PACKED_CHUNK_BYTES) {
      this.#seen?.add(chunks.subarray(at, at + ID_BYTES));
      const key = chunks.toString("latin1", at, at + ID_BYTES);
      const seat = this.#onTheirWay.get(key);
      this.#onTheirWay.delete(key);
      const offset = chunks.readUInt32LE(at + ID_BYTES);
      for (let next = seat; next !== undefined; next = next.next) {
        next.slots.settle(next.slot, number, offset);
      }
    }
  }
}
