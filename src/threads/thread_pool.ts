import { InterruptedError } from "../base/errors.ts";
import { type Handlers, type NoCalls, type Remote, remoteBy } from "./rpc.ts";
import { Thread } from "./thread.ts";

/** Requests that each thread works on at a time: while one waits for the store another uses the processor. */
const REQUESTS_PER_THREAD = 2;

/** Threads of one kind that take requests as they become free. */
export class ThreadPool<Theirs, Ours = NoCalls> implements Disposable {
  /** Calls the thread that has the fewest requests; the caller bounds their number. */
  readonly remote: Remote<Theirs> = remoteBy((method, argument, transfer) =>
    this.#ask(method, argument, transfer)
  );
  readonly #threads: { readonly thread: Thread<Theirs, Ours>; requests: number }[];
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** Starts `count` workers that call `handlers`. */
  constructor(count: number, worker: URL, handlers?: Handlers<NoInfer<Ours>>) {
    this.#threads = Array.from(
      { length: count },
      () => ({ thread: new Thread<Theirs, Ours>(worker, handlers), requests: 0 }),
    );
  }

  /** Serves the calls of all threads by `handlers` from now on. */
  serve(handlers: Handlers<Ours>): void {
    for (const { thread } of this.#threads) thread.serve(handlers);
  }

  /** Calls every thread. */
  async each(call: (remote: Remote<Theirs>) => Promise<void>): Promise<void> {
    await Promise.all(this.#threads.map(({ thread }) => call(thread.remote)));
  }

  /** Makes a call when a thread is free for it, waiting for one; `onDone` gets its answer. Throws what an earlier one threw. */
  async submit<T>(call: (remote: Remote<Theirs>) => Promise<T>, onDone: (answer: T) => void): Promise<void> {
    while (this.#running.size >= this.#threads.length * REQUESTS_PER_THREAD) {
      await Promise.race(this.#running);
    }
    this.#check();
    const running = call(this.remote)
      .then(onDone)
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all that was submitted is done. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#check();
  }

  /** One certain thread, so that calls keep their order. */
  get first(): Remote<Theirs> {
    return this.#threads[0]!.thread.remote;
  }

  end(reason: Error): void {
    for (const { thread } of this.#threads) thread.end(reason);
  }

  [Symbol.dispose](): void {
    this.end(new InterruptedError());
  }

  async #ask(method: string, argument: unknown, transfer?: Transferable[]): Promise<unknown> {
    const slot = this.#threads.reduce((least, other) => (other.requests < least.requests ? other : least));
    slot.requests++;
    try {
      const remote = slot.thread.remote as Record<string, (...call: unknown[]) => Promise<unknown>>;
      return await remote[method]!(argument, transfer);
    } finally {
      slot.requests--;
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
