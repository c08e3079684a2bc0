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
   * The end of the chunk in `bytes[from..end)`. The caller shows at least `max` bytes, or all that there are of the file;
   * then what is left is never cut to nothing.
   */
  cut(bytes: Uint8Array, from: number, end: number): number {
    const { min, average, max } = this.#sizes;
    if (end - from <= min) return end;
    const gear = this.#gear;
    const hardMask = this.#hardMask;
    const easyMask = this.#easyMask;
    const middle = Math.min(from + average, end);
    const last = Math.min(from + max, end);
    let hash = 0;
    let at = from + min;
    for (; at < middle; at++) {
      hash = ((hash << 1) + gear[bytes[at]]) | 0;
      if ((hash & hardMask) === 0) return at + 1;
    }
    for (; at < last; at++) {
      hash = ((hash << 1) + gear[bytes[at]]) | 0;
      if ((hash & easyMask) === 0) return at + 1;
    }
    return last;
  }
}

function highBits(count: number): number {
  return count >= HASH_BITS ? -1 : ((2 ** count - 1) * 2 ** (HASH_BITS - count)) | 0;
}
