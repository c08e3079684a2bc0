/**
 * Maps `items` through `work` in their order, with at most `count` begun and not yet taken: enough that waiting for one hides
 * behind the others, few enough to bound what is held. A failure is thrown when its turn comes.
 */
export async function* readAhead<In, Out>(
  items: Iterable<In>,
  count: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const begun: Promise<Out>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => {}); // thrown below, unless the caller has stopped
    begun.push(result);
    if (begun.length >= count) yield await begun.shift()!;
  }
  for (const result of begun) yield await result;
}
