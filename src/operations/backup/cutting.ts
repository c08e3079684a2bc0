import { ID_BYTES } from "../../base/digest.ts";
import type { ChunkSizes, Cutter } from "../../chunk/fastcdc.ts";
import { sha256Into } from "../../platform/sha256.ts";
import type { Claim } from "./messages.ts";

/** Chunks that follow each other in `bytes` from its beginning; for each, where it ends, and who owns its file. */
export interface CutChunks {
  readonly bytes: Uint8Array;
  readonly ends: readonly number[];
  readonly owners: readonly number[];
}

/** Claims the chunks, and takes those that are wanted: the bytes are the caller's again when it resolves. */
export type Submit = (claim: Claim, chunks: CutChunks) => Promise<void>;

/** A buffer that fills with what is read, and is cut into the chunks of one file after the other. */
export class Cutting {
  readonly #sizes: ChunkSizes;
  readonly #cutter: Cutter;
  #buffer: Uint8Array<ArrayBuffer>;
  /** End of what was read, and of what was cut, in the buffer. */
  #filled = 0;
  #cut = 0;
  /** How far the chunk that begins at `#cut` is known to have no end. */
  #searched = 0;
  #ends: number[] = [];
  #owners: number[] = [];
  #groups: number[] = [];
  #batch = 0;
  #submit!: Submit;
  /** User that owns what is cut next. */
  owner = 0;

  constructor(sizes: ChunkSizes, cutter: Cutter, bufferBytes: number) {
    this.#sizes = sizes;
    this.#cutter = cutter;
    this.#buffer = new Uint8Array(bufferBytes);
  }

  get chunkBytesMax(): number {
    return this.#sizes.max;
  }

  get capacity(): number {
    return this.#buffer.length;
  }

  /** Bytes that fit before the next {@link flush}. */
  get room(): number {
    return this.#buffer.length - this.#filled;
  }

  /** Begins a batch, of which the chunks go to `submit`. */
  begin(batch: number, submit: Submit): void {
    this.#batch = batch;
    this.#submit = submit;
    this.#groups = [];
  }

  /** Chunks that are cut from now on are of file number `file`; a restart makes all chunks of that file before void. */
  beginGroup(file: number, isRestart: boolean): void {
    this.#groups.push(file, 0, isRestart ? 1 : 0);
  }

  /** Where the next bytes belong, `most` of them or as many as there is room for; {@link take} says how many came. */
  space(most = Infinity): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#filled, Math.min(this.#filled + most, this.#buffer.length));
  }

  take(bytes: number): void {
    this.#filled += bytes;
  }

  /** Makes the buffer so large at least; chunks cut before stay where they are. */
  grow(bytes: number): void {
    if (this.#buffer.length >= bytes) return;
    const larger = new Uint8Array(bytes);
    larger.set(this.#buffer.subarray(0, this.#filled));
    this.#buffer = larger;
  }

  /** Cuts what is whole; at the end of a file also what is left. */
  cutChunks(isEnd: boolean): void {
    while (this.#cut < this.#filled) {
      const end = this.#cutter.cut(this.#buffer, this.#cut, this.#filled, this.#searched);
      if (end === this.#filled && end - this.#cut < this.#sizes.max && !isEnd) {
        this.#searched = end - 1;
        return;
      }
      this.#ends.push(end);
      this.#owners.push(this.owner);
      this.#groups[this.#groups.length - 2]!++;
      this.#cut = this.#searched = end;
    }
  }

  /** The file is lost: what was read of it last is none of a chunk. */
  dropUncut(): void {
    this.#filled = this.#searched = this.#cut;
  }

  /** Submits the chunks cut so far and moves what is not cut yet to the front of the buffer. */
  async flush(): Promise<void> {
    const file = this.#groups[this.#groups.length - 3]!;
    await this.#submit(this.#claim(), { bytes: this.#buffer, ends: this.#ends, owners: this.#owners });
    this.#ends = [];
    this.#owners = [];
    this.#groups = [];
    this.beginGroup(file, false);
    this.#buffer.copyWithin(0, this.#cut, this.#filled);
    this.#filled -= this.#cut;
    this.#searched -= this.#cut;
    this.#cut = 0;
  }

  #claim(): Claim {
    const ends = this.#ends;
    const ids = new Uint8Array(ends.length * ID_BYTES);
    const lengths = new Uint32Array(ends.length);
    for (let i = 0, start = 0; i < ends.length; start = ends[i++]!) {
      sha256Into(this.#buffer.subarray(start, ends[i]), ids, i * ID_BYTES);
      lengths[i] = ends[i]! - start;
    }
    return { batch: this.#batch, groups: Uint32Array.from(this.#groups), ids, lengths };
  }
}
