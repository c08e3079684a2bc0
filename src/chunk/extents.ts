/** A run of bytes of a file. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Holes smaller than a page of memory save nothing; a file with very many keeps only its larger ones. */
const SMALLEST_HOLE_BYTES = 4096;
const MOST_HOLES = 1024;

/** The holes worth keeping, `[offset, length]`, ascending. */
export function keepHoles(holes: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  let smallest = SMALLEST_HOLE_BYTES;
  let kept = holes.filter(([, length]) => length >= smallest);
  while (kept.length > MOST_HOLES) {
    smallest *= 4;
    kept = kept.filter(([, length]) => length >= smallest);
  }
  return kept;
}

/** What is between the holes of a file of `size` bytes. */
export function dataExtents(holes: readonly (readonly [number, number])[], size: number): Extent[] {
  const extents: Extent[] = [];
  let at = 0;
  for (const [offset, length] of holes) {
    if (offset > at) extents.push({ offset: at, length: offset - at });
    at = offset + length;
  }
  if (at < size) extents.push({ offset: at, length: size - at });
  return extents;
}

/** Offsets in the file of chunks with these lengths, which fill what is between the holes, in order. */
export function chunkOffsets(
  lengths: Iterable<number>,
  holes: readonly (readonly [number, number])[],
): number[] {
  const offsets: number[] = [];
  let at = 0;
  let hole = 0;
  for (const length of lengths) {
    while (hole < holes.length && holes[hole][0] === at) at += holes[hole++][1];
    offsets.push(at);
    at += length;
  }
  return offsets;
}
