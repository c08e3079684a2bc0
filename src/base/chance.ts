/** At least 0 and below 1. */
export type Random = () => number;

/** mulberry32: the same seed gives the same numbers. For choices that are to be repeated, never for secrets. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Up to `count` different numbers below `below`, in an order at random. */
export function drawNumbers(below: number, count: number, random: Random): number[] {
  const moved = new Map<number, number>();
  return Array.from({ length: Math.min(below, count) }, (_, i) => {
    const at = i + Math.floor(random() * (below - i));
    const drawn = moved.get(at) ?? at;
    moved.set(at, moved.get(i) ?? i);
    return drawn;
  });
}

/** `items` in an order at random. */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  return drawNumbers(items.length, items.length, random).map((i) => items[i]!);
}
