import { UnavailableError } from "../base/errors.ts";
import { noteProgress } from "../base/progress.ts";

export interface Watch {
  /** Fires when the caller stops the call, nothing moved for too long, or it failed. */
  readonly signal: AbortSignal;
  /** Bytes moved: the limit counts from here again. */
  progress(): void;
}

/**
 * Runs `work` and settles in any case: with its result, with `signal`'s reason, or with `UnavailableError` when nothing
 * moved for `limitMs`. It does not rely on `work` obeying the signal, because a dropped connection can leave
 * `node:http` of Deno 2.6 waiting for ever.
 */
export async function withIdleLimit<T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (watch: Watch) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const stopped = Promise.withResolvers<never>();
  const stop = (reason: unknown) => {
    stopped.reject(reason);
    controller.abort(reason);
  };
  const onAbort = () => stop(signal!.reason);
  let movedAtMs = performance.now();
  const progress = () => {
    noteProgress();
    movedAtMs = performance.now();
  };
  // One timer that looks again when due: setting one at each progress cost more than the transfer.
  const check = () => {
    const leftMs = movedAtMs + limitMs - performance.now();
    if (leftMs <= 0) return stop(new UnavailableError(`nothing moved for ${limitMs / 1000} s`));
    timer = setTimeout(check, leftMs);
  };
  let timer = setTimeout(check, limitMs);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([stopped.promise, work({ signal: controller.signal, progress })]);
  } catch (error) {
    // Another part of it may still be sending, from memory that others use next.
    controller.abort(error);
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
