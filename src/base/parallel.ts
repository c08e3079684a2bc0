/**
 * Calls `work` for each of `items`, at most `count` at a time, in any order of ending. Takes no item before it can begin with it.
 * After a failure it begins no more, waits for those begun, and throws the first failure.
 */
export async function forEachParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  count: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const begun = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const item of items) {
      const settled: Promise<void> = work(item)
        .catch((error) => void (failure ??= { error }))
        .then(() => void begun.delete(settled));
      begun.add(settled);
      while (begun.size >= count && failure === undefined) await Promise.race(begun);
      if (failure !== undefined) break;
    }
  } finally {
    await Promise.all(begun);
  }
  if (failure !== undefined) throw failure.error;
}
