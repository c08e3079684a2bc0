import { GearScan } from "./gear_scan.ts";

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
  readonly #scan: GearScan;
  readonly #sizes: ChunkSizes;
  readonly #hardMask: number;
  readonly #easyMask: number;

  constructor(gear: Int32Array, sizes: ChunkSizes) {
    this.#scan = new GearScan(gear);
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
    this.#scan.begin(bytes, Math.max(from + min, first - HASH_BITS + 1), first);
    const early = this.#scan.find(bytes, first, middle, this.#hardMask);
    if (early >= 0) return early;
    const late = this.#scan.find(bytes, Math.max(first, middle), last, this.#easyMask);
    return late >= 0 ? late : last;
  }
}

function highBits(count: number): number {
  return count >= HASH_BITS ? -1 : ((2 ** count - 1) * 2 ** (HASH_BITS - count)) | 0;
}
