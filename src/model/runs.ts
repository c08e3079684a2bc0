// Cuts a sequence by its ids, as a file is cut by its contents: a change moves the cuts near it and no others.

/** How long runs are. */
export interface RunLength {
  /** A run has so many items before an id may end it. */
  readonly min: number;
  /** It ends at an id with so many zero bits at its end, 16 at most. */
  readonly zeroBits: number;
  /** It ends after so many items in any case. */
  readonly max: number;
}

/** `items` in their order as full runs, and what is left after the last of them; ids are hex. */
export function cutRuns<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  { min, zeroBits, max }: RunLength,
): { readonly full: readonly (readonly Item[])[]; readonly rest: readonly Item[] } {
  const mask = (1 << zeroBits) - 1;
  const full: Item[][] = [];
  let from = 0;
  for (let at = 0; at < items.length; at++) {
    const length = at + 1 - from;
    const ends = length >= min && (parseInt(idOf(items[at]!).slice(-4), 16) & mask) === 0;
    if (!ends && length < max) continue;
    full.push(items.slice(from, at + 1));
    from = at + 1;
  }
  return { full, rest: items.slice(from) };
}
