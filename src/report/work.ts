import type { Progress } from "./events.ts";

/** What a file costs beside its bytes, in bytes that take as long: a million empty files are work, too. */
const ENTRY_COST_BYTES = 16 * 1024;

/** 0 to 1, or `undefined` while it is not known how much there is. */
export function fractionDone(progress: Progress): number | undefined {
  const total = workTotal(progress);
  if (total === undefined) return undefined;
  return total === 0 ? 1 : Math.min(1, workDone(progress) / total);
}

/** Bytes of all there is, as far as that can be said. */
export function bytesTotal({ allKnown, bytesFound, expected }: Progress): number | undefined {
  if (allKnown) return bytesFound;
  return expected === undefined ? undefined : Math.max(bytesFound, expected.bytes);
}

/** Entries of all there is, as far as that can be said. */
export function entriesTotal({ allKnown, entriesFound, expected }: Progress): number | undefined {
  if (allKnown) return entriesFound;
  return expected === undefined ? undefined : Math.max(entriesFound, expected.entries);
}

/** What is on its way to the store is not done. */
export function workDone({ bytesDone, bytesPending = 0, entriesDone }: Progress): number {
  return Math.max(0, bytesDone - bytesPending) + entriesDone * ENTRY_COST_BYTES;
}

/** As {@link workDone}, of all; `undefined` while it is not known. */
export function workTotal(progress: Progress): number | undefined {
  const bytes = bytesTotal(progress);
  return bytes === undefined ? undefined : bytes + entriesTotal(progress)! * ENTRY_COST_BYTES;
}
