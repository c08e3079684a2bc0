import { InterruptedError } from "../../base/errors.ts";
import type { Handlers } from "../../base/rpc.ts";
import { Thread } from "../thread.ts";

/**
 * The threads of the backups of a process, one backup at a time. Starting them, and running code that is not compiled yet, takes longer than
 * a backup of a few files: a process that makes many keeps them.
 */
export class BackupThreads implements Disposable {
  #index: Thread | undefined;
  #readers: Thread[] = [];

  /** The thread that owns the index while a backup runs. */
  index(handlers: Handlers): Thread {
    this.#index ??= new Thread(new URL("./scan_worker.ts", import.meta.url));
    this.#index.serve(handlers);
    return this.#index;
  }

  /** Reader number `i`. */
  reader(i: number, handlers: Handlers): Thread {
    const reader = this.#readers[i] ??= new Thread(new URL("./read_worker.ts", import.meta.url));
    reader.serve(handlers);
    return reader;
  }

  /** Ends the readers where they are. */
  endReaders(): void {
    for (const reader of this.#readers) reader.end(new InterruptedError());
    this.#readers = [];
  }

  /** Ends all threads where they are; the next backup starts new ones. */
  [Symbol.dispose](): void {
    this.endReaders();
    this.#index?.end(new InterruptedError());
    this.#index = undefined;
  }
}
