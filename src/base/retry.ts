import { delay } from "./clock.ts";
import { noteProgress } from "./progress.ts";

/** How long to keep trying, in milliseconds. */
export interface RetryPolicy {
  /** Upper bound of the first pause; it doubles with each attempt. */
  readonly baseMs: number;
  /** No pause is longer. */
  readonly maxDelayMs: number;
  /** No attempt starts later than this after the first one started. */
  readonly limitMs: number;
}

/** Time and chance, so that tests need neither. */
export interface RetryTiming {
  now(): number;
  /** Rejects with the signal's reason when it fires. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly isRetryable: (error: unknown) => boolean;
  readonly onRetry?: (error: unknown, delayMs: number) => void;
  readonly signal?: AbortSignal;
  readonly timing?: RetryTiming;
}

export const systemTiming: RetryTiming = { now: () => performance.now(), sleep: delay, random: Math.random };

/**
 * Calls `work` with 1, 2, 3 … until it succeeds, fails with what is not retryable, or time is up; then its last
 * failure is thrown. Pauses have full jitter: anything from nothing to the bound, so that clients do not march in step.
 */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, isRetryable, onRetry, signal, timing = systemTiming } = options;
  const startMs = timing.now();
  for (let attempt = 1;; attempt++) {
    signal?.throwIfAborted();
    try {
      const result = await work(attempt);
      noteProgress();
      return result;
    } catch (error) {
      if (signal?.aborted || !isRetryable(error)) throw error;
      const delayMs = timing.random() * delayBound(policy, attempt);
      if (timing.now() + delayMs - startMs > policy.limitMs) throw error;
      noteProgress();
      onRetry?.(error, delayMs);
      await timing.sleep(delayMs, signal);
    }
  }
}

/** The longest pause after failed attempt number `attempt`. */
export function delayBound(policy: RetryPolicy, attempt: number): number {
  return Math.min(policy.maxDelayMs, policy.baseMs * 2 ** (attempt - 1));
}
