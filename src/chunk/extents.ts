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

/** Says where in the file each chunk begins, given its length: chunks fill what is between the holes, in order. */
export function chunkOffsets(
  holes: readonly (readonly [number, number])[],
): (length: number) => number {
  let at = 0;
  let hole = 0;
  return (length) => {
    while (hole < holes.length && holes[hole]![0] === at) at += holes[hole++]![1];
    const offset = at;
    at += length;
    return offset;
  };
}
