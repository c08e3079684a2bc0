import type { ByteRange, CallOptions, ObjectInfo, ObjectStore, PutOptions } from "./store.ts";

export type StoreVerb = "put" | "get" | "size" | "list" | "remove";

export interface VerbCount {
  /** Calls made, including those that failed. A listing is one, however many requests it takes. */
  readonly calls: number;
  /** Bytes of objects, sent or received by calls that succeeded. */
  readonly bytes: number;
}

/** A store that counts what is asked of `store`, by verb. Owns `store`. */
export class CountingStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #counts: Record<StoreVerb, { calls: number; bytes: number }> = {
    put: { calls: 0, bytes: 0 },
    get: { calls: 0, bytes: 0 },
    size: { calls: 0, bytes: 0 },
    list: { calls: 0, bytes: 0 },
    remove: { calls: 0, bytes: 0 },
  };

  constructor(store: ObjectStore) {
    this.location = store.location;
    this.#store = store;
  }

  /** The counts so far; they go on counting. */
  get counts(): Readonly<Record<StoreVerb, VerbCount>> {
    return this.#counts;
  }

  get bytesTransferred(): number {
    return this.#counts.put.bytes + this.#counts.get.bytes;
  }

  async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const count = bytes.length;
    this.#counts.put.calls++;
    await this.#store.put(name, bytes, options);
    this.#counts.put.bytes += count;
  }

  async get(
    name: string,
    options?: CallOptions & { readonly range?: ByteRange },
  ): Promise<Uint8Array> {
    this.#counts.get.calls++;
    const bytes = await this.#store.get(name, options);
    this.#counts.get.bytes += bytes.length;
    return bytes;
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    this.#counts.size.calls++;
    return this.#store.size(name, options);
  }

  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    this.#counts.list.calls++;
    return this.#store.list(prefix, options);
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    this.#counts.remove.calls++;
    return this.#store.remove(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
