/** A blob that may be looked at. */
export interface Candidate {
  readonly id: string;
  readonly size: number;
}

const DAY_MS = 24 * 3600 * 1000;

/**
 * The part of `blobs` whose turn it is. Where it is known when each was checked (`checkedMs`, by id), those that were checked
 * longest ago or never, until they are `fraction` of all bytes: 1 / `fraction` runs cover everything, however far apart. Otherwise
 * one of 1 / `fraction` parts by their ids, another one each day.
 */
export function chooseSample<Blob extends Candidate>(
  blobs: readonly Blob[],
  fraction: number,
  checkedMs: ReadonlyMap<string, number> | undefined,
  nowMs: number,
): Blob[] {
  if (checkedMs === undefined) {
    const parts = Math.ceil(1 / fraction);
    const turn = Math.floor(nowMs / DAY_MS) % parts;
    return blobs.filter(({ id }) => parseInt(id.slice(0, 8), 16) % parts === turn);
  }
  const age = ({ id }: Blob) => checkedMs.get(id) ?? 0;
  const oldest = blobs.toSorted((a, b) => age(a) - age(b) || (a.id < b.id ? -1 : 1));
  let left = fraction * blobs.reduce((sum, { size }) => sum + size, 0);
  return oldest.filter(({ size }) => left > 0 && ((left -= size), true));
}
