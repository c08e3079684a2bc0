/**
 * Sizes of chunks in bytes. Smaller averages find more that is known and cost more metadata; `min` to `max` bounds memory and
 * the price of a changed byte.
 */
export interface ChunkSizes {
  readonly min: number;
  readonly average: number;
  readonly max: number;
}

/** `average` must be a power of two of at least 1 KiB. */
export function chunkSizes(average: number): ChunkSizes {
  if (average < 1024 || !Number.isInteger(Math.log2(average))) {
    throw new RangeError(
      `Cannot chunk by an average of ${average} bytes: it is not a power of two from 1024`,
    );
  }
  return { min: average / 4, average, max: average * 4 };
}

/** Bits by which the mask is harder before the average size and easier after it. */
const NORMALIZATION = 2;
const HASH_BITS = 32;

/**
 * Finds where the chunk that begins at `from` ends: FastCDC (Xia et al., USENIX ATC 2016) with cut-point skipping and normalised
 * chunking. The hash's high bits see the last 32 bytes, so the masks take the highest.
 */
export class Cutter {
  readonly #gear: Int32Array;
  readonly #sizes: ChunkSizes;
  readonly #hardMask: number;
  readonly #easyMask: number;

  constructor(gear: Int32Array, sizes: ChunkSizes) {
    this.#gear = gear;
    this.#sizes = sizes;
    this.#hardMask = highBits(Math.log2(sizes.average) + NORMALIZATION);
    this.#easyMask = highBits(Math.log2(sizes.average) - NORMALIZATION);
  }

  /**
   * The end of the chunk that begins at `from` in `bytes[from..end)`, never `from` itself. Where it is `end`, and the chunk is shorter than
   * `max`, it may go on beyond, if the file does: then it is to be asked again with more bytes. No cut is before `searched`, so that
   * only what is new is looked at.
   */
  cut(bytes: Uint8Array, from: number, end: number, searched = from): number {
    const { min, average, max } = this.#sizes;
    if (end - from <= min) return end;
    const first = Math.max(from + min, searched);
    const middle = Math.min(from + average, end);
    const last = Math.min(from + max, end);
    rolling = 0;
    for (let at = Math.max(from + min, first - HASH_BITS + 1); at < first; at++) {
      rolling = ((rolling << 1) + this.#gear[bytes[at]!]!) | 0;
    }
    const early = findCut(bytes, this.#gear, first, middle, this.#hardMask);
    if (early >= 0) return early;
    const late = findCut(bytes, this.#gear, Math.max(first, middle), last, this.#easyMask);
    return late >= 0 ? late : last;
  }
}

/** The gear hash where {@link findCut} left off. */
let rolling = 0;

/**
 * Goes on with the gear hash over `bytes[at..end)`; where it first has no bit of `mask`, or -1. Four bytes a turn: the loop is what a
 * backup of large files does most after compressing. The tests have it in its plain form.
 */
function findCut(bytes: Uint8Array, gear: Int32Array, at: number, end: number, mask: number): number {
  let hash = rolling;
  for (const stop = end - 3; at < stop; at += 4) {
    hash = ((hash << 1) + gear[bytes[at]!]!) | 0;
    if ((hash & mask) === 0) return at + 1;
    hash = ((hash << 1) + gear[bytes[at + 1]!]!) | 0;
    if ((hash & mask) === 0) return at + 2;
    hash = ((hash << 1) + gear[bytes[at + 2]!]!) | 0;
    if ((hash & mask) === 0) return at + 3;
    hash = ((hash << 1) + gear[bytes[at + 3]!]!) | 0;
    if ((hash & mask) === 0) return at + 4;
  }
  for (; at < end; at++) {
    hash = ((hash << 1) + gear[bytes[at]!]!) | 0;
    if ((hash & mask) === 0) return at + 1;
  }
  rolling = hash;
  return -1;
}

function highBits(count: number): number {
  return count >= HASH_BITS ? -1 : ((2 ** count - 1) * 2 ** (HASH_BITS - count)) | 0;
}
