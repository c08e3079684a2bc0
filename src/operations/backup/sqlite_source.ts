import { InterruptedError } from "../../base/errors.ts";
import type { OpenedStream, StreamSource } from "./options.ts";
import { Thread } from "../../threads/thread.ts";
import type { SqliteApi } from "./sqlite_worker.ts";
import { PRIVATE_FILE } from "../../platform/durable_file.ts";

export interface SqliteCopy {
  /** Where the copy is in the snapshot. */
  readonly path: string;
  readonly database: string;
  /**
   * The file that the copy is for a while. The same one at each run: what a run that was killed has left behind is gone after
   * the next.
   */
  readonly copy: string;
}

/** A database of SQLite as it is at one moment, while others write to it. */
export function sqliteSource({ path, database, copy }: SqliteCopy): StreamSource {
  return { path, open: () => new OpenedCopy(database, copy) };
}

class OpenedCopy implements OpenedStream {
  readonly bytes: ReadableStream<Uint8Array>;
  readonly #copy: string;
  readonly #thread = new Thread<SqliteApi>(new URL("./sqlite_worker.ts", import.meta.url));
  #file: Deno.FsFile | undefined;
  #fault: string | undefined;

  constructor(database: string, copy: string) {
    this.#copy = copy;
    const made = this.#make(database);
    this.bytes = new ReadableStream({
      pull: async (controller) => {
        await made;
        const piece = new Uint8Array(PIECE_BYTES);
        const length = await this.#file?.read(piece) ?? null;
        if (length === null) controller.close();
        else controller.enqueue(piece.subarray(0, length));
      },
    });
  }

  ended(): Promise<string | undefined> {
    return Promise.resolve(this.#fault);
  }

  [Symbol.dispose](): void {
    this.#thread.end(new InterruptedError());
    this.#file?.close();
    this.#file = undefined;
    remove(this.#copy);
  }

  async #make(database: string): Promise<void> {
    try {
      remove(this.#copy);
      Deno.openSync(this.#copy, { createNew: true, write: true, mode: PRIVATE_FILE }).close();
      await this.#thread.remote.copy({ database, copy: this.#copy });
      this.#file = await Deno.open(this.#copy);
    } catch (error) {
      this.#fault = `SQLite cannot copy it: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

const PIECE_BYTES = 256 * 1024;

/** With what SQLite keeps beside a database. */
function remove(copy: string): void {
  for (const name of [copy, `${copy}-journal`, `${copy}-wal`, `${copy}-shm`]) {
    try {
      Deno.removeSync(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
