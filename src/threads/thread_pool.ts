import type { Handlers } from "./rpc.ts";
import { Thread } from "./thread.ts";

/** Requests that each thread works on at a time: while one waits for the store another uses the processor. */
const REQUESTS_PER_THREAD = 2;

/** Threads of one kind that take requests as they become free. */
export class ThreadPool {
  readonly #threads: { readonly thread: Thread; requests: number }[];
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** Starts `count` workers that ask `handlers`, each with the call `start`. */
  static async start(count: number, worker: URL, handlers: Handlers, options: unknown): Promise<ThreadPool> {
    const pool = new ThreadPool(count, worker, handlers);
    await Promise.all(pool.#threads.map(({ thread }) => thread.call("start", options)));
    return pool;
  }

  private constructor(count: number, worker: URL, handlers: Handlers) {
    this.#threads = Array.from(
      { length: count },
      () => ({ thread: new Thread(worker, handlers), requests: 0 }),
    );
  }

  /** Gives a request to a free thread, waiting for one; `onDone` gets its answer. Throws what an earlier request threw. */
  async submit<T>(method: string, argument: unknown, onDone: (answer: T) => void): Promise<void> {
    while (this.#running.size >= this.#threads.length * REQUESTS_PER_THREAD) {
      await Promise.race(this.#running);
    }
    this.#check();
    const slot = this.#freest();
    slot.requests++;
    const running = slot.thread.call<T>(method, argument)
      .then(onDone)
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => {
        slot.requests--;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Asks the thread that has the fewest requests; the caller bounds their number. Buffers in `transfer` are given away. */
  async ask<T>(method: string, argument: unknown, transfer: Transferable[] = []): Promise<T> {
    const slot = this.#freest();
    slot.requests++;
    try {
      return await slot.thread.call<T>(method, argument, transfer);
    } finally {
      slot.requests--;
    }
  }

  /** Resolves when all requests are done. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#check();
  }

  /** Asks one certain thread, so that requests keep their order. */
  async first<T>(method: string, argument: unknown): Promise<T> {
    return await this.#threads[0].thread.call<T>(method, argument);
  }

  end(reason: Error): void {
    for (const { thread } of this.#threads) thread.end(reason);
  }

  #freest() {
    return this.#threads.reduce((least, other) => (other.requests < least.requests ? other : least));
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
