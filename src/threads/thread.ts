import { type Handlers, type NoCalls, Peer, type Port, type Remote } from "./rpc.ts";

/** A worker that serves `Theirs`, and calls `Ours` of this thread. A worker that dies fails the calls that wait for it. */
export class Thread<Theirs, Ours = NoCalls> {
  readonly #worker: Worker;
  readonly #peer: Peer<Theirs, Ours>;

  constructor(url: URL, handlers?: Handlers<NoInfer<Ours>>) {
    this.#worker = new Worker(url, { type: "module" });
    this.#peer = new Peer(this.#worker as unknown as Port, handlers);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#peer.fail(new Error(`A worker failed: ${event.message}`));
    };
  }

  get remote(): Remote<Theirs> {
    return this.#peer.remote;
  }

  /** Serves the worker's calls by `handlers` from now on. */
  serve(handlers: Handlers<Ours>): void {
    this.#peer.serve(handlers);
  }

  /** Ends the worker where it is; calls that wait fail with `reason`. */
  end(reason: Error): void {
    this.#worker.terminate();
    this.#peer.fail(reason);
  }
}
