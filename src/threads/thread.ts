import { type Handlers, Peer, type Port } from "./rpc.ts";

/** A worker and the calls to it. A worker that dies fails the calls that wait for it. */
export class Thread {
  readonly #worker: Worker;
  readonly #peer: Peer;

  constructor(url: URL, handlers: Handlers = {}) {
    this.#worker = new Worker(url, { type: "module" });
    this.#peer = new Peer(this.#worker as unknown as Port, handlers);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#peer.fail(new Error(`A worker failed: ${event.message}`));
    };
  }

  /** Serves the worker's calls by `handlers` from now on. */
  serve(handlers: Handlers): void {
    this.#peer.serve(handlers);
  }

  call<T>(method: string, argument?: unknown, transfer: Transferable[] = []): Promise<T> {
    return this.#peer.call<T>(method, argument, transfer);
  }

  /** Ends the worker where it is; calls that wait fail with `reason`. */
  end(reason: Error): void {
    this.#worker.terminate();
    this.#peer.fail(reason);
  }
}
