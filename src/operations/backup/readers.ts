import { fromHex } from "../../base/bytes.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import type { Handlers, Remote } from "../../threads/rpc.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";
import type { BackupThreads } from "./backup_threads.ts";
import type { ReadBatch, ReaderApi, ReaderNeeds, ReaderOptions } from "./messages.ts";
import type { BackupOptions } from "./options.ts";

interface Reader {
  readonly remote: Remote<ReaderApi>;
  readonly started: Promise<void>;
  batches: number;
}

/** The threads that read the files of one backup. They are started as there is something to read. */
export class Readers {
  readonly #threads: BackupThreads;
  readonly #options: ReaderOptions;
  readonly #most: number;
  readonly #needs: Handlers<ReaderNeeds>;
  readonly #running: Reader[] = [];

  constructor(threads: BackupThreads, options: BackupOptions, keys: HostKeys, needs: Handlers<ReaderNeeds>) {
    const { chunkSizeBytes, compressionLevel, readers } = options;
    this.#threads = threads;
    this.#options = { seed: fromHex(keys.chunkerSeed), chunkSizeBytes, compressionLevel };
    this.#most = readers;
    this.#needs = needs;
  }

  /** Starts one that will soon be needed. */
  start(): Reader {
    const { remote } = this.#threads.reader(this.#needs);
    const reader = { remote, started: remote.start(this.#options), batches: 0 };
    reader.started.catch(() => {}); // whoever gives it a batch meets that
    this.#running.push(reader);
    return reader;
  }

  /** Gives a batch to the reader with the least to do. */
  async read(batch: ReadBatch): Promise<ReadOutcome[]> {
    let reader = this.#running.find((reader) => reader.batches === 0);
    if (reader === undefined && this.#running.length < this.#most) reader = this.start();
    reader ??= this.#running.reduce((least, other) => (other.batches < least.batches ? other : least));
    reader.batches++;
    try {
      await reader.started;
      return await reader.remote.read(batch);
    } finally {
      reader.batches--;
    }
  }

  /** Resolves when all that was read is stored. */
  async flush(): Promise<void> {
    await Promise.all(this.#running.map(({ remote }) => remote.flush()));
  }
}
