import type { Pacer } from "./pacer.ts";
import {
  type CallOptions,
  foldersIn,
  type GetOptions,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from "./store.ts";

/**
 * A store that takes whole objects at the speed that `pacer` allows on average: an object itself goes at full speed, and the next
 * one waits for it. Owns `store`.
 */
export class LimitedStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #pacer: Pacer;

  constructor(store: ObjectStore, pacer: Pacer) {
    this.location = store.location;
    this.#store = store;
    this.#pacer = pacer;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    await this.#pacer.upload(bytes.length, options);
    await this.#store.put(name, bytes, options);
  }

  async get(
    name: string,
    options: GetOptions = {},
  ): Promise<Uint8Array> {
    const bytes = await this.#store.get(name, options);
    await this.#pacer.download(bytes.length, options);
    return bytes;
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    return this.#store.size(name, options);
  }

  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    return this.#store.list(prefix, options);
  }

  folders(prefix: string, options?: CallOptions): Promise<string[]> {
    return foldersIn(this.#store, prefix, options);
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    return this.#store.remove(name, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
