/** A list that is not empty. */
export type Filled<T> = readonly [T, ...T[]];

interface Lists<T> {
  1: Filled<T>;
  2: readonly [T, T, ...T[]];
  3: readonly [T, T, T, ...T[]];
  4: readonly [T, T, T, T, ...T[]];
  5: readonly [T, T, T, T, T, ...T[]];
  6: readonly [T, T, T, T, T, T, ...T[]];
  7: readonly [T, T, T, T, T, T, T, ...T[]];
  8: readonly [T, T, T, T, T, T, T, T, ...T[]];
}

/** The list itself, known to have `count` items or more. Throws where it has fewer, which is a fault of the program. */
export function atLeast<T, N extends keyof Lists<T>>(count: N, items: readonly T[]): Lists<T>[N] {
  if (items.length < count) throw new Error(`a list of ${items.length} where ${count} are needed`);
  return items as unknown as Lists<T>[N];
}
