const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/**
 * Where lseek(2) ends with `whence` from `offset`, in a file of `size` bytes with these holes; `undefined` where there is no data behind, or
 * nothing at all.
 */
export function seek(
  holes: readonly (readonly [number, number])[],
  size: number,
  offset: number,
  whence: number,
): number | undefined {
  if (offset >= size || (whence !== SEEK_DATA && whence !== SEEK_HOLE)) return undefined;
  for (const [hole, length] of holes) {
    const end = hole + length;
    if (offset >= end) continue;
    const isInHole = offset >= hole;
    if (whence === SEEK_HOLE) return isInHole ? offset : hole;
    if (!isInHole) return offset;
    offset = end;
  }
  if (offset >= size) return undefined;
  return whence === SEEK_HOLE ? size : offset;
}
