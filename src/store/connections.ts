import { BusyError } from "../base/errors.ts";

/**
 * How many calls a store is asked at a time: as many as it takes. One that answers that it is asked too much halves the number, and as
 * many successes in a row as there are connections allow one more, up to `most`. Retries are calls like others.
 */
export class Connections {
  readonly #most: number;
  #allowed: number;
  #open = 0;
  #successes = 0;
  /** Grows with each cut, so that calls that began before one do not cut again. */
  #cuts = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#allowed = most;
  }

  /** At the moment, at least 1. */
  get allowed(): number {
    return this.#allowed;
  }

  /** Runs `call` when a connection is free, in the order of asking. Throws the reason of `signal` when it fires meanwhile. */
  async run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    const cuts = this.#cuts;
    try {
      const result = await call();
      this.#succeeded();
      return result;
    } catch (error) {
      if (error instanceof BusyError && cuts === this.#cuts) this.#cut();
      throw error;
    } finally {
      this.#open--;
      this.#wake();
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#open < this.#allowed) return void this.#open++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => {
      const at = this.#waiting.indexOf(resolve);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(signal!.reason);
    };
    this.#waiting.push(resolve);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #wake(): void {
    while (this.#open < this.#allowed && this.#waiting.length > 0) {
      this.#open++;
      this.#waiting.shift()!();
    }
  }

  #succeeded(): void {
    if (this.#allowed === this.#most || ++this.#successes < this.#allowed) return;
    this.#successes = 0;
    this.#allowed++;
  }

  #cut(): void {
    this.#cuts++;
    this.#successes = 0;
    this.#allowed = Math.max(1, this.#allowed >> 1);
  }
}
