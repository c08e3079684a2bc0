import type { Buffer } from "node:buffer";
import { release, view } from "../base/bytes.ts";
import { ID_BYTES } from "../base/digest.ts";
import { IdMap } from "../base/id_map.ts";
import { PACKED_CHUNK_BYTES } from "./packed_chunks.ts";

/** A number keeps 53 bits: of an id's beginning, and of its row behind that. */
const ROW_BITS = 20;
const ROWS_MAX = 2 ** ROW_BITS;

/** Where a chunk is: in the blob of this number. */
export interface FoundChunk {
  readonly blob: number;
  readonly offset: number;
  readonly length: number;
}

/** Chunks of stored blobs that are not in their table yet: packed, because there are tens of thousands. */
export class UnsortedChunks {
  readonly #rowOf = new IdMap();
  /** The packed lists as they came, and the blob of each. */
  readonly #lists: Buffer[] = [];
  readonly #blobs: number[] = [];
  #listOf = new Uint32Array(4096);
  #atOf = new Uint32Array(4096);

  get size(): number {
    return this.#rowOf.size;
  }

  /** The chunks of blob number `blob`; keeps `chunks`. */
  add(blob: number, chunks: Uint8Array): void {
    const list = this.#lists.push(view(chunks)) - 1;
    this.#blobs.push(blob);
    for (let at = 0; at < chunks.length; at += PACKED_CHUNK_BYTES) {
      if (this.#rowOf.get(chunks, at) >= 0) continue;
      const row = this.size;
      if (row === this.#listOf.length) this.#grow();
      this.#rowOf.set(chunks, at, row);
      this.#listOf[row] = list;
      this.#atOf[row] = at;
    }
  }

  /** `id` is 32 bytes. */
  find(id: Uint8Array): FoundChunk | undefined {
    const row = this.#rowOf.get(id);
    return row < 0 ? undefined : this.#found(row);
  }

  /** All chunks, sorted by the beginnings of their ids. */
  *sorted(): Generator<FoundChunk & { readonly id: Uint8Array }> {
    const keys = new Float64Array(this.size);
    for (let row = 0; row < keys.length; row++) {
      const list = this.#lists[this.#listOf[row]!]!;
      keys[row] = (list.readUInt32BE(this.#atOf[row]!) * ROWS_MAX) + row;
    }
    for (const key of keys.sort()) {
      const row = key % ROWS_MAX;
      const at = this.#atOf[row]!;
      const id = this.#lists[this.#listOf[row]!]!.subarray(at, at + ID_BYTES);
      yield { id, ...this.#found(row) };
    }
  }

  clear(): void {
    this.#rowOf.clear();
    this.#lists.length = 0;
    this.#blobs.length = 0;
  }

  #found(row: number): FoundChunk {
    const list = this.#lists[this.#listOf[row]!]!;
    const at = this.#atOf[row]! + ID_BYTES;
    return {
      blob: this.#blobs[this.#listOf[row]!]!,
      offset: list.readUInt32LE(at),
      length: list.readUInt32LE(at + 4),
    };
  }

  #grow(): void {
    const grown = (old: Uint32Array<ArrayBuffer>) => {
      const larger = new Uint32Array(old.length * 2);
      larger.set(old);
      release(old);
      return larger;
    };
    this.#listOf = grown(this.#listOf);
    this.#atOf = grown(this.#atOf);
  }
}
