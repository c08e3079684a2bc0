import { type ErrorText, fromErrorText, toErrorText } from "../base/sent_errors.ts";
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

/**
 * How another thread calls `Api`, an interface whose methods have one argument at most: each call answers by a promise. Buffers in
 * `transfer` are given away.
 */
export type Remote<Api> = {
  readonly [Name in keyof Api]: Api[Name] extends (...argument: infer Argument) => infer Answer
    ? (...call: Argument extends [] ? [] : [...argument: Argument, transfer?: Transferable[]]) => Promise<
      Awaited<Answer>
    >
    : never;
};

type Served<T> = T | Moved<T> | Promise<T | Moved<T>>;

/** What serves `Api` to another thread. It may answer by a promise, and move buffers. */
export type Handlers<Api> = {
  readonly [Name in keyof Api]: Api[Name] extends (...argument: infer Argument) => infer Answer
    ? (...argument: Argument) => Served<Awaited<Answer>>
    : never;
};

/** Of a thread that is not called. */
export type NoCalls = Record<never, never>;

/** Sends one call. */
type Send = (method: string, argument: unknown, transfer?: Transferable[]) => Promise<unknown>;

/** The calls of `Api`, each by way of `send`. */
export function remoteBy<Api>(send: Send): Remote<Api> {
  const calls = new Map<string, unknown>();
  return new Proxy({}, {
    get(_, method) {
      // Whatever is awaited is asked for `then`.
      if (typeof method === "symbol" || method === "then") return undefined;
      let call = calls.get(method);
      if (call === undefined) {
        call = (argument: unknown, transfer?: Transferable[]) => send(method, argument, transfer);
        calls.set(method, call);
      }
      return call;
    },
  }) as Remote<Api>;
}

type Message =
  | { readonly call: string; readonly id: number; readonly argument: unknown }
  | { readonly reply: number; readonly value: unknown }
  | { readonly reply: number; readonly error: ErrorText };

/**
 * Calls between a thread and its worker, both ways over one port: the other side serves `Theirs`, this one `Ours`. What a handler throws
 * is thrown at the caller with its class and cause kept.
 */
export class Peer<Theirs = NoCalls, Ours = NoCalls> {
  readonly remote: Remote<Theirs> = remoteBy((method, argument, transfer) =>
    this.#send(method, argument, transfer)
  );
  readonly #port: Port;
  #handlers: Handlers<Ours> | undefined;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #failure: Error | undefined;
  #nextId = 0;

  constructor(port: Port, handlers?: Handlers<NoInfer<Ours>>) {
    this.#port = port;
    this.#handlers = handlers;
    port.onmessage = (event) => this.#receive(event.data as Message);
  }

  /** Serves `handlers` from now on, and nothing else. */
  serve(handlers: Handlers<Ours>): void {
    this.#handlers = handlers;
  }

  /** Fails every call that still waits, and those to come: the other side is gone. */
  fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #send(method: string, argument: unknown, transfer: Transferable[] = []): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#port.postMessage({ call: method, id, argument }, transfer);
    });
  }

  #receive(message: Message): void {
    noteProgress();
    if ("call" in message) return void this.#answer(message.call, message.id, message.argument);
    const waiting = this.#waiting.get(message.reply);
    this.#waiting.delete(message.reply);
    if ("error" in message) waiting?.reject(fromErrorText(message.error));
    else waiting?.resolve(message.value);
  }

  async #answer(method: string, id: number, argument: unknown): Promise<void> {
    try {
      const handler = this.#handlers?.[method as keyof Ours] as ((argument: unknown) => unknown) | undefined;
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
