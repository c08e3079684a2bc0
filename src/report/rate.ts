import { atLeast, type Filled } from "../base/at_least.ts";
import type { Progress } from "./events.ts";

/** What a file costs beside its bytes, in bytes that take as long: a million empty files are work, too. */
const ENTRY_COST_BYTES = 16 * 1024;
/** The speed is the average over so long: short enough to be true, long enough to be calm. */
const WINDOW_MS = 30_000;
/** On a slow line work gets done in few large steps: the average is over so many of them at least. */
const STEPS_MIN = 4;
/** More samples tell nothing new. */
const SAMPLE_MS = 500;
/** Before that a speed says little. */
const SURE_AFTER_MS = 3_000;

/** What was done by a moment. */
interface Sample {
  readonly atMs: number;
  readonly work: number;
  readonly bytes: number;
}

/** Speed of a running operation, as of one moment. */
export interface Rate {
  /** Moments at which more was done than before, oldest first. */
  readonly samples: Filled<Sample>;
  readonly now: Sample;
}

/** The rate after `progress` was seen at `atMs`; `before` is the last one, or `undefined` at the start. */
export function nextRate(before: Rate | undefined, progress: Progress, atMs: number): Rate {
  const now = { atMs, work: workDone(progress), bytes: progress.bytesDone };
  if (before === undefined || now.bytes < before.now.bytes) return { samples: [now], now };
  const last = before.samples.at(-1)!;
  const isStep = now.work > last.work && atMs - last.atMs >= SAMPLE_MS;
  const samples = isStep ? [...before.samples, now] : before.samples;
  const isOld = (i: number) => samples.length - i > STEPS_MIN && samples[i + 1]!.atMs < atMs - WINDOW_MS;
  const first = samples.findIndex((_, i) => !isOld(i));
  return { samples: atLeast(1, samples.slice(first)), now };
}

/** Plain bytes a millisecond. */
export function bytesPerMs({ samples: [first], now }: Rate): number {
  return now.atMs <= first.atMs ? 0 : (now.bytes - first.bytes) / (now.atMs - first.atMs);
}

/** 0 to 1, or `undefined` while it is not known how much there is. */
export function fractionDone(progress: Progress): number | undefined {
  const total = workTotal(progress);
  if (total === undefined) return undefined;
  return total === 0 ? 1 : Math.min(1, workDone(progress) / total);
}

/** `undefined` while it cannot be said. */
export function timeLeftMs(progress: Progress, rate: Rate | undefined): number | undefined {
  const total = workTotal(progress);
  if (total === undefined || rate === undefined) return undefined;
  const { samples: [first], now } = rate;
  if (now.atMs - first.atMs < SURE_AFTER_MS || now.work <= first.work) return undefined;
  const workPerMs = (now.work - first.work) / (now.atMs - first.atMs);
  return Math.max(0, total - workDone(progress)) / workPerMs;
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
function workDone({ bytesDone, bytesPending = 0, entriesDone }: Progress): number {
  return Math.max(0, bytesDone - bytesPending) + entriesDone * ENTRY_COST_BYTES;
}

function workTotal(progress: Progress): number | undefined {
  const bytes = bytesTotal(progress);
  return bytes === undefined ? undefined : bytes + entriesTotal(progress)! * ENTRY_COST_BYTES;
}
