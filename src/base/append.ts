/** As `into.push(...items)`, which fails with a RangeError where there are more items than a call may have arguments. */
export function append<T>(into: T[], items: Iterable<T>): void {
  for (const item of items) into.push(item);
}
