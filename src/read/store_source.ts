import { toBase64 } from "../base/bytes.ts";
import { ArchivedError, CorruptionError, UsageError } from "../base/errors.ts";
import type { HeaderOpener } from "../seal/age.ts";
import type { ByteRange } from "../store/store.ts";
import { type Handlers, Moved } from "../threads/rpc.ts";
import type { BlobSource } from "./blob_reader.ts";
import type { HostTools } from "./hosts.ts";
import type { SourceApi } from "./remote_source.ts";
import { SmallObjects } from "./small_objects.ts";
import type { Thaw } from "./thaw.ts";

/** File keys that are kept: threads that meet the same blob at the same time unwrap it once. */
const KEYS_MAX = 256;

/** The store and an identity that has opened the snapshot, for whoever reads its blobs; counts what is fetched. */
export class StoreSource implements BlobSource {
  readonly #tools: HostTools;
  readonly #opener: HeaderOpener;
  /** Stored bytes of the objects that are expected. */
  readonly #sizes = new Map<string, number>();
  /** By header. */
  readonly #keys = new Map<string, Promise<Uint8Array>>();
  readonly #fetched = new Map<string, number>();
  readonly #pages = new SmallObjects();
  readonly #ahead = new Map<string, Promise<Uint8Array>>();
  bytesFetched = 0;
  /** For what is in cold storage; without it that is an `ArchivedError`. */
  thaw: Thaw | undefined;

  constructor(tools: HostTools, opener: HeaderOpener) {
    this.#tools = tools;
    this.#opener = opener;
  }

  /** Begins a {@link fetch} of the same that is going to be made soon. */
  ahead(name: string, offset: number, length: number): void {
    const fetched = this.#fetch(name, { offset, length }, undefined);
    fetched.catch(() => {}); // thrown to who asks for it
    this.#ahead.set(`${name} ${offset} ${length}`, fetched);
  }

  /** Into `into` where that is given, which must have `length` bytes. */
  async fetch(name: string, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const isPages = name.startsWith("pages/");
    const kept = isPages && into === undefined ? this.#pages.get(name, offset, length) : undefined;
    if (kept !== undefined) return kept;
    const bytes =
      await (this.#takeAhead(name, offset, length) ?? this.#fetch(name, { offset, length }, into));
    if (isPages) this.#pages.add(name, offset, bytes);
    if (into === undefined || bytes === into) return bytes;
    into.set(bytes);
    return into;
  }

  #takeAhead(name: string, offset: number, length: number): Promise<Uint8Array> | undefined {
    const key = `${name} ${offset} ${length}`;
    const ahead = this.#ahead.get(key);
    if (ahead !== undefined) this.#ahead.delete(key);
    return ahead;
  }

  async #fetch(name: string, range: ByteRange, into: Uint8Array | undefined): Promise<Uint8Array> {
    const { store, signal } = this.#tools;
    this.bytesFetched += range.length;
    this.#fetched.set(name, (this.#fetched.get(name) ?? 0) + range.length);
    const get = () => store.get(name, { range, into, signal });
    try {
      return await get();
    } catch (error) {
      if (!(error instanceof ArchivedError) || this.thaw === undefined) throw error;
      await this.thaw.wait(name);
      return await get();
    }
  }

  /** The object `name`, of `size` bytes, is going to be read. */
  expect(name: string, size: number): void {
    this.#sizes.set(name, size);
  }

  /** Objects of which something was fetched. */
  get objectsRead(): number {
    return this.#fetched.size;
  }

  /** Bytes that were fetched of expected objects beyond their size. */
  get bytesAgain(): number {
    let again = 0;
    for (const [name, bytes] of this.#fetched) again += Math.max(0, bytes - (this.#sizes.get(name) ?? bytes));
    return again;
  }

  openHeader(header: Uint8Array): Promise<Uint8Array> {
    const text = toBase64(header);
    let key = this.#keys.get(text);
    if (key === undefined) {
      if (this.#keys.size >= KEYS_MAX) this.#keys.delete(this.#keys.keys().next().value!);
      this.#keys.set(text, key = this.#open(header));
    }
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
}

/** `source`, for other threads. */
export function sourceHandlers(source: StoreSource): Handlers<SourceApi> {
  return {
    fetch: async ({ name, offset, length }) => {
      const bytes = await source.fetch(name, offset, length);
      return new Moved(bytes, [bytes.buffer as ArrayBuffer]);
    },
    openHeader: (header) => source.openHeader(header),
  };
}
