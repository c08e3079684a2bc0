import { type ErrorText, fromErrorText, toErrorText } from "../base/errors.ts";
import { noteProgress } from "../base/progress.ts";

/** The part of `Worker` and of a worker's `self` that calls go through. */
export interface Port {
  // deno-lint-ignore no-explicit-any
  onmessage: ((event: MessageEvent<any>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** A handler's answer whose buffers move to the caller instead of being copied. */
export class Moved<T> {
  constructor(readonly value: T, readonly transfer: Transferable[]) {}
}

// deno-lint-ignore no-explicit-any
export type Handlers = Record<string, (argument: any) => unknown>;

type Message =
  | { readonly call: string; readonly id: number; readonly argument: unknown }
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: ErrorText };

/**
 * Calls between a thread and its worker, both ways over one port. A handler may return a promise; what it throws is thrown
 * at the caller with its class and cause kept. Buffers in `transfer` are given away.
 */
export class Peer {
  readonly #port: Port;
  #handlers: Handlers;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #failure: Error | undefined;
  #nextId = 0;

  constructor(port: Port, handlers: Handlers = {}) {
    this.#port = port;
    this.#handlers = handlers;
    port.onmessage = (event) => this.#receive(event.data as Message);
  }

  /** Serves `handlers` from now on, and nothing else. */
  serve(handlers: Handlers): void {
    this.#handlers = handlers;
  }

  call<T>(method: string, argument?: unknown, transfer: Transferable[] = []): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#port.postMessage({ call: method, id, argument }, transfer);
    });
  }

  /** Fails every call that still waits, and those to come: the other side is gone. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #receive(message: Message): void {
    noteProgress();
    if ("call" in message) return void this.#serve(message.call, message.id, message.argument);
    const waiting = this.#waiting.get(message.reply);
    this.#waiting.delete(message.reply);
    if ("error" in message) waiting?.reject(fromErrorText(message.error));
    else waiting?.resolve(message.value);
  }

  async #serve(method: string, id: number, argument: unknown): Promise<void> {
    try {
      const handler = this.#handlers[method];
      if (handler === undefined) throw new Error(`No handler for call "${method}"`);
      const answer = await handler(argument);
      if (answer instanceof Moved) {
        this.#port.postMessage({ reply: id, value: answer.value }, answer.transfer);
      } else this.#port.postMessage({ reply: id, value: answer }, []);
    } catch (error) {
      this.#port.postMessage({ reply: id, error: toErrorText(error) }, []);
    }
  }
}

/** True in a worker's thread. */
export function isWorker(): boolean {
  return "WorkerGlobalScope" in globalThis;
}
