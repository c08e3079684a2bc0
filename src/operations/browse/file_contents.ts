import { CorruptionError } from "../../base/errors.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { ChunkList } from "./chunk_list.ts";
import type { Lent } from "./frame_cache.ts";

/** Where chunks are read. */
export interface ChunkSource {
  read(place: Place): Promise<Lent>;
  /** It will be read soon. */
  prefetch(place: Place): void;
  list(list: Place): Promise<readonly Place[]>;
}

/** What is read ahead of someone who reads a file from one end to the other: more, the longer he does, up to what eight connections bring at a time. */
const AHEAD_MIN_BYTES = 2 * 1024 * 1024;
const AHEAD_MAX_BYTES = 8 * 1024 * 1024;
/** Reads this near to the last one's end are in sequence: the kernel's come a little out of order. */
const NEAR_BYTES = 1024 * 1024;
const ZEROS = new Uint8Array(1024 * 1024);

/** The bytes of one file. */
export class FileContents {
  readonly size: number;
  readonly holes: readonly (readonly [number, number])[];
  readonly #chunks: ChunkList;
  readonly #source: ChunkSource;
  /** Where the last read ended, how much was read in sequence, and up to where is read ahead. */
  #end = 0;
  #inSequence = 0;
  #ahead = 0;

  /** Throws `CorruptionError` where the entry is no file with contents. */
  constructor(entry: Entry, source: ChunkSource) {
    if (entry.kind !== "file" || entry.size === undefined) throw new CorruptionError("An entry is no file");
    this.size = entry.size;
    this.holes = entry.holes ?? [];
    this.#source = source;
    this.#chunks = new ChunkList(entry, (list) => source.list(list));
  }

  /** Up to `length` bytes at `offset`, in pieces that the caller keeps; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>[]> {
    return this.use(offset, length, (pieces) => pieces.map((piece) => new Uint8Array(piece)));
  }

  /** As {@link read}, without a copy: gives `work` the pieces, which are not to be changed and are valid while it runs. */
  async use<T>(offset: number, length: number, work: (pieces: readonly Uint8Array[]) => T): Promise<T> {
    const held: Lent[] = [];
    try {
      const pieces = await this.#pieces(offset, Math.min(offset + length, this.size), held);
      return work(pieces);
    } finally {
      for (const lent of held) lent[Symbol.dispose]();
    }
  }

  /** Adds to `held` what they are parts of. */
  async #pieces(offset: number, end: number, held: Lent[]): Promise<Uint8Array[]> {
    const pieces: Uint8Array[] = [];
    let holesBefore = 0;
    let at = offset;
    for (const [hole, holeLength] of [...this.holes, [this.size, 0] as const]) {
      if (at >= end) break;
      if (at < hole) {
        const to = Math.min(end, hole);
        for (const piece of await this.#data(at - holesBefore, to - holesBefore, held)) pieces.push(piece);
        at = to;
      }
      const zeros = Math.min(end, hole + holeLength) - at;
      if (zeros > 0) {
        addZeros(pieces, zeros);
        at += zeros;
      }
      holesBefore += holeLength;
    }
    if (offset < end) this.#readAhead(offset, end);
    return pieces;
  }

  /** Bytes `from` to `to` of the data. */
  async #data(from: number, to: number, held: Lent[]): Promise<Uint8Array[]> {
    const chunks = await this.#chunks.within(from, to);
    const reads = chunks.map(async ({ place, start }) => {
      const lent = await this.#source.read(place);
      held.push(lent);
      return lent.bytes.subarray(Math.max(0, from - start), Math.min(place.length, to - start));
    });
    // All are waited for, also where one fails: what comes later would be held for ever.
    await Promise.allSettled(reads);
    return await Promise.all(reads);
  }

  #readAhead(offset: number, end: number): void {
    const isInSequence = Math.abs(offset - this.#end) <= NEAR_BYTES;
    this.#end = end;
    this.#inSequence = isInSequence ? this.#inSequence + end - offset : 0;
    if (!isInSequence) this.#ahead = end;
    const wanted = Math.min(AHEAD_MAX_BYTES, 2 * this.#inSequence);
    if (wanted < AHEAD_MIN_BYTES) return;
    const from = Math.max(end, this.#ahead);
    const to = Math.min(this.size, end + wanted);
    // Not for every read: looking for chunks takes its time.
    if (to - from < Math.min(wanted / 4, this.size - from) || from >= to) return;
    this.#ahead = to;
    this.#prefetch(from, to).catch(() => {});
  }

  async #prefetch(from: number, to: number): Promise<void> {
    const chunks = await this.#chunks.within(this.#dataBefore(from), this.#dataBefore(to));
    for (const { place } of chunks) this.#source.prefetch(place);
  }

  /** Bytes before `offset` that are in no hole. */
  #dataBefore(offset: number): number {
    return this.holes.reduce(
      (data, [hole, length]) => hole < offset ? data - Math.min(length, offset - hole) : data,
      offset,
    );
  }
}

function addZeros(pieces: Uint8Array[], count: number): void {
  for (let left = count; left > 0; left -= ZEROS.length) {
    pieces.push(ZEROS.subarray(0, Math.min(left, ZEROS.length)));
  }
}

/** The chunks of a file in order. */
export async function* chunksOf(entry: Entry, source: ChunkSource) {
  yield* entry.chunks ?? [];
  for (const list of entry.lists ?? []) yield* await source.list(list);
}
