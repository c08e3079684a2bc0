import { delay } from "../base/clock.ts";

/** Time, so that tests can pass two weeks in a moment. */
export interface Clock {
  /** Of the wall. */
  nowMs(): number;
  /** Rejects when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = { nowMs: Date.now, wait: delay };
