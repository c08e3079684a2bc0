import { InterruptedError } from "../../base/errors.ts";
import type { Handlers } from "../../base/rpc.ts";
import { Thread } from "../thread.ts";

/**
 * The threads of the backups of a process, one backup at a time. To start that of the index, and to run code there that is not compiled yet,
 * takes longer than a backup of a few files: a process that makes many backups keeps it. Readers start while it walks.
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

  /** One more thread that reads files. */
  reader(handlers: Handlers): Thread {
    const reader = new Thread(new URL("./read_worker.ts", import.meta.url), handlers);
    this.#readers.push(reader);
    return reader;
  }

  /** Ends the readers where they are. */
  endReaders(): void {
    for (const reader of this.#readers) reader.end(new InterruptedError());
    this.#readers = [];
  }

  /** The next backup may be long in coming: what is kept gives its memory back. */
  rest(): void {
    void this.#index?.call("rest").catch(() => {});
  }

  /** Ends all threads where they are; the next backup starts new ones. */
  [Symbol.dispose](): void {
    this.endReaders();
    this.#index?.end(new InterruptedError());
    this.#index = undefined;
  }
}
