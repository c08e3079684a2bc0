import type { Port } from "../../src/threads/rpc.ts";

// Workers run on the thread that starts them, so that what they do is counted in one row. Whoever imports this module has them replaced.

class WorkerOfThisThread extends EventTarget {
  readonly #ports = new MessageChannel();
  onerror: ((event: ErrorEvent) => void) | null = null;

  constructor(url: URL) {
    super();
    const { port2 } = this.#ports;
    import(url.href).then(({ serve }: { serve: (port: Port) => void }) => serve(port2 as unknown as Port));
  }

  set onmessage(receive: ((event: MessageEvent) => void) | null) {
    this.#ports.port1.onmessage = receive;
  }

  postMessage(message: unknown, transfer: Transferable[]): void {
    this.#ports.port1.postMessage(message, transfer);
  }

  terminate(): void {
    this.#ports.port1.close();
    this.#ports.port2.close();
  }
}

Object.defineProperty(globalThis, "Worker", { value: WorkerOfThisThread, configurable: true });

/** No one waits for a retry here. */
const HURRY = 200;
const { setTimeout: slowly } = globalThis;
Object.defineProperty(globalThis, "setTimeout", {
  value: (run: () => void, ms = 0) => slowly(run, ms / HURRY),
  configurable: true,
  writable: true,
});
