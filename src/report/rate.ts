import type { Progress } from "./events.ts";

/** What a file costs beside its bytes, in bytes that take as long: a million empty files are work, too. */
const ENTRY_COST_BYTES = 16 * 1024;

/** How long a change of speed takes to show; short enough to be true, long enough to be calm. */
const SMOOTHING_MS = 8_000;

/** Speed of a running operation, as of one moment. */
export interface Rate {
  readonly atMs: number;
  readonly workDone: number;
  readonly bytesDone: number;
  readonly workPerMs: number;
  readonly bytesPerMs: number;
}

/** The rate after `progress` was seen at `atMs`; `before` is the last one, or `undefined` at the start. */
export function nextRate(before: Rate | undefined, progress: Progress, atMs: number): Rate {
  const workDone = workOf(progress.bytesDone, progress.entriesDone);
  const { bytesDone } = progress;
  if (before === undefined || workDone < before.workDone || bytesDone < before.bytesDone) {
    return { atMs, workDone, bytesDone, workPerMs: 0, bytesPerMs: 0 };
  }
  const elapsedMs = atMs - before.atMs;
  if (elapsedMs <= 0) return before;
  const isFirst = before.workPerMs === 0;
  const weight = isFirst ? 1 : 1 - Math.exp(-elapsedMs / SMOOTHING_MS);
  const blend = (old: number, done: number) => old + weight * (done / elapsedMs - old);
  return {
    atMs,
    workDone,
    bytesDone,
    workPerMs: blend(before.workPerMs, workDone - before.workDone),
    bytesPerMs: blend(before.bytesPerMs, bytesDone - before.bytesDone),
  };
}

/** 0 to 1, or `undefined` while it is not known how much there is. */
export function fractionDone(progress: Progress): number | undefined {
  if (!progress.allKnown) return undefined;
  const found = workOf(progress.bytesFound, progress.entriesFound);
  if (found === 0) return 1;
  return Math.min(1, workOf(progress.bytesDone, progress.entriesDone) / found);
}

/** `undefined` while it cannot be said. */
export function timeLeftMs(progress: Progress, rate: Rate | undefined): number | undefined {
  if (!progress.allKnown || rate === undefined || rate.workPerMs <= 0) return undefined;
  const left = workOf(progress.bytesFound, progress.entriesFound) -
    workOf(progress.bytesDone, progress.entriesDone);
  return Math.max(0, left) / rate.workPerMs;
}

function workOf(bytes: number, entries: number): number {
  return bytes + entries * ENTRY_COST_BYTES;
}
