import { InterruptedError } from "../../base/errors.ts";
import type { Handlers } from "../../threads/rpc.ts";
import { collectGarbage, residentBytes } from "../../platform/memory.ts";
import { Thread } from "../../threads/thread.ts";
import { PAGE_BLOB_BYTES } from "../../write/blob_calls.ts";
import { type BlobBuffers, BufferRing } from "../../write/buffer_ring.ts";
import type { IndexApi, IndexNeeds, ReaderApi, ReaderNeeds } from "./messages.ts";
import { blobRing, type BoundedOptions } from "./memory_budget.ts";

const PAGE_BUFFERS = 2;

type IndexThread = Thread<IndexApi, IndexNeeds>;
export type ReaderThread = Thread<ReaderApi, ReaderNeeds>;

/**
 * The threads of the backups of a process, one backup at a time, and the buffers that they share. To start that of the index, and to run code
 * there that is not compiled yet, takes longer than a backup of a few files: a process that makes many backups keeps it, and the buffers, which
 * the garbage collector does not count. Readers start while it walks.
 */
export class BackupThreads implements Disposable {
  /** Whether they stay for the next backup. */
  readonly areKept: boolean;
  #index: IndexThread | undefined;
  #ready: ReaderThread[] = [];
  #readers: ReaderThread[] = [];
  #buffers: BlobBuffers | undefined;

  constructor(use: "kept" | "once" = "kept") {
    this.areKept = use === "kept";
  }

  /** Starts the thread of the index, and so many readers, which will soon be needed: they load while other things are done. */
  prepare(readers: number): void {
    this.#index ??= startIndex();
    while (this.#ready.length < readers) this.#ready.push(startReader());
  }

  /** The thread that owns the index while a backup runs. */
  index(handlers: Handlers<IndexNeeds>): IndexThread {
    this.#index ??= startIndex();
    this.#index.serve(handlers);
    return this.#index;
  }

  /** As many as the first backup asks for. */
  buffers(options: BoundedOptions): BlobBuffers {
    return this.#buffers ??= {
      blobs: new BufferRing(blobRing(options, residentBytes)),
      pages: new BufferRing({ count: PAGE_BUFFERS, sizeBytes: PAGE_BLOB_BYTES }),
    };
  }

  /** One more thread that reads files. */
  reader(handlers: Handlers<ReaderNeeds>): ReaderThread {
    const reader = this.#ready.pop() ?? startReader();
    reader.serve(handlers);
    this.#readers.push(reader);
    return reader;
  }

  /** Ends the readers where they are. */
  endReaders(): void {
    for (const reader of [...this.#readers, ...this.#ready]) reader.end(new InterruptedError());
    this.#readers = [];
    this.#ready = [];
  }

  /** The next backup may be long in coming: what is kept gives its memory back. */
  rest(): void {
    for (const ring of Object.values(this.#buffers ?? {})) ring.rest();
    collectGarbage();
    void this.#index?.remote.rest().catch(() => {});
  }

  /** Ends all threads where they are; the next backup starts new ones. */
  [Symbol.dispose](): void {
    this.endReaders();
    this.#index?.end(new InterruptedError());
    this.#index = undefined;
    this.#buffers = undefined;
  }
}

function startIndex(): IndexThread {
  return new Thread(new URL("./scan_worker.ts", import.meta.url));
}

function startReader(): ReaderThread {
  return new Thread(new URL("./read_worker.ts", import.meta.url));
}
