import { atLeast, type Filled } from "../base/at_least.ts";
import type { Progress } from "./events.ts";
import { workDone, workTotal } from "./work.ts";

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

/** `undefined` while it cannot be said. */
export function timeLeftMs(progress: Progress, rate: Rate | undefined): number | undefined {
  const total = workTotal(progress);
  if (total === undefined || rate === undefined) return undefined;
  const { samples: [first], now } = rate;
  if (now.atMs - first.atMs < SURE_AFTER_MS || now.work <= first.work) return undefined;
  const workPerMs = (now.work - first.work) / (now.atMs - first.atMs);
  return Math.max(0, total - workDone(progress)) / workPerMs;
}
