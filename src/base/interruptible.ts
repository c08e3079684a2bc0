import { InterruptedError } from "./errors.ts";

/** Rejects with `InterruptedError` as soon as `signal` aborts; `work` is then on its own. */
export async function interruptible<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop!: () => void;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new InterruptedError());
    signal.addEventListener("abort", stop);
  });
  try {
    if (signal.aborted) throw new InterruptedError();
    return await Promise.race([work, stopped]);
  } catch (error) {
    throw signal.aborted ? new InterruptedError(undefined, { cause: error }) : error;
  } finally {
    signal.removeEventListener("abort", stop);
    work.catch(() => {});
  }
}
