import { CorruptionError, UsageError } from "../../base/errors.ts";
import { Moved } from "../../base/rpc.ts";
import { toBase64 } from "../../base/bytes.ts";
import type { Manifest } from "../../model/manifest.ts";
import { blobName } from "../../model/names.ts";
import { displayPath, type Path } from "../../model/path.ts";
import type { HeaderOpener } from "../../seal/age.ts";
import type { Tools } from "../options.ts";
import type { BlobSource } from "../blob_reader.ts";
import type { WriterOptions } from "./messages.ts";
import { Thread } from "../thread.ts";

/** Requests that each thread works on at a time: while one waits for the store another uses the processor. */
const REQUESTS_PER_THREAD = 2;

/** Stored sizes, by name, of all objects that `manifest` names. */
export function storedSizes(manifest: Manifest): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [id, size] of manifest.pages) sizes.set(blobName("pages", id), size);
  for (const [id, size] of manifest.blobs) sizes.set(blobName("blobs", id), size);
  return sizes;
}

/** The store and an identity that has opened the snapshot, for whoever reads its blobs; counts what is fetched. */
export class StoreSource implements BlobSource {
  readonly #tools: Tools;
  readonly #opener: HeaderOpener;
  readonly #sizes: ReadonlyMap<string, number>;
  /** File keys by header, so that threads that meet the same blob unwrap it once. */
  readonly #keys = new Map<string, Promise<Uint8Array>>();
  bytesFetched = 0;

  constructor(tools: Tools, opener: HeaderOpener, sizes: ReadonlyMap<string, number>) {
    this.#tools = tools;
    this.#opener = opener;
    this.#sizes = sizes;
  }

  async fetch(name: string, offset: number, length: number): Promise<Uint8Array> {
    this.bytesFetched += length;
    return await this.#tools.store.get(name, { range: { offset, length }, signal: this.#tools.signal });
  }

  openHeader(header: Uint8Array): Promise<Uint8Array> {
    const text = toBase64(header);
    let key = this.#keys.get(text);
    if (key === undefined) this.#keys.set(text, key = this.#open(header));
    return key;
  }

  /** The snapshot was opened, so an identity that does not fit means a damaged header. */
  async #open(header: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#opener.open(header);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new CorruptionError("its age header is damaged, or for another key", { cause: error });
    }
  }

  sizeOf(kind: "blobs" | "pages", id: string): number {
    return this.#sizes.get(blobName(kind, id)) ?? 0;
  }
}

/** Threads that fetch through this one, and take requests as they become free. */
export class Writers {
  readonly #threads: { readonly thread: Thread; requests: number }[] = [];
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  static async start(
    count: number,
    tools: Tools,
    source: StoreSource,
    options: WriterOptions,
  ): Promise<Writers> {
    const writers = new Writers(count, tools, source);
    await Promise.all(writers.#threads.map(({ thread }) => thread.call("start", options)));
    return writers;
  }

  private constructor(count: number, { report }: Tools, source: StoreSource) {
    const handlers = {
      fetch: async ({ name, offset, length }: { name: string; offset: number; length: number }) => {
        const bytes = await source.fetch(name, offset, length);
        return new Moved(bytes, [bytes.buffer as ArrayBuffer]);
      },
      openHeader: (header: Uint8Array) => source.openHeader(header),
      notSet: ({ what, path, reason }: { what: string; path: Path; reason: string }) =>
        report({ kind: "metadata-not-set", what, path: displayPath(path), reason }),
    };
    for (let i = 0; i < count; i++) {
      const thread = new Thread(new URL("./write_worker.ts", import.meta.url), handlers);
      this.#threads.push({ thread, requests: 0 });
    }
  }

  /** Gives a request to a free thread, waiting for one; `onDone` gets its answer. Throws what an earlier request threw. */
  async submit<T>(method: string, argument: unknown, onDone: (answer: T) => void): Promise<void> {
    while (this.#running.size >= this.#threads.length * REQUESTS_PER_THREAD) {
      await Promise.race(this.#running);
    }
    this.#check();
    const slot = this.#threads.reduce((least, other) => (other.requests < least.requests ? other : least));
    slot.requests++;
    const running = slot.thread.call<T>(method, argument)
      .then(onDone)
      .catch((error) => void (this.#failure ??= { error }))
      .then(() => {
        slot.requests--;
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** Resolves when all requests are done. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#check();
  }

  /** Asks one certain thread, so that requests keep their order. */
  async first<T>(method: string, argument: unknown): Promise<T> {
    return await this.#threads[0].thread.call<T>(method, argument);
  }

  end(reason: Error): void {
    for (const { thread } of this.#threads) thread.end(reason);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
