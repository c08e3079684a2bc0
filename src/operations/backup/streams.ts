import type { OpenedStream, StreamSource } from "./options.ts";
import type { StreamPiece } from "./messages.ts";

/** A pipe gives no more at a time; less than what a reader takes at once. */
const PIECE_BYTES_MAX = 256 * 1024;

interface Running {
  readonly opened: OpenedStream;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What was read but does not fit a piece. */
  rest: Uint8Array | undefined;
}

/** The streams of a backup, by number; each is opened when a reader first asks for it. */
export class Streams implements Disposable {
  readonly #sources: readonly StreamSource[];
  readonly #running = new Map<number, Running>();

  constructor(sources: readonly StreamSource[]) {
    this.#sources = sources;
  }

  get paths(): string[] {
    return this.#sources.map(({ path }) => path);
  }

  /** The next bytes of stream `number`, or how it ended. */
  async pull(number: number): Promise<StreamPiece> {
    const running = this.#running.get(number) ?? this.#open(number);
    const bytes = running.rest ?? (await running.reader.read()).value;
    if (bytes === undefined) return { fault: await this.#end(number, running) };
    running.rest = bytes.length > PIECE_BYTES_MAX ? bytes.subarray(PIECE_BYTES_MAX) : undefined;
    return { bytes: running.rest === undefined ? bytes : bytes.slice(0, PIECE_BYTES_MAX) };
  }

  /** Ends what still runs. */
  [Symbol.dispose](): void {
    for (const { opened, reader } of this.#running.values()) {
      opened[Symbol.dispose]();
      reader.cancel().catch(() => {});
    }
    this.#running.clear();
  }

  #open(number: number): Running {
    const opened = this.#sources[number]!.open();
    const running = { opened, reader: opened.bytes.getReader(), rest: undefined };
    this.#running.set(number, running);
    return running;
  }

  async #end(number: number, { opened }: Running): Promise<string | undefined> {
    const fault = await opened.ended();
    this.#running.delete(number);
    opened[Symbol.dispose]();
    return fault;
  }
}
