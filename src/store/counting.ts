import {
  type CallOptions,
  type ColdStorage,
  foldersIn,
  type GetOptions,
  type ObjectInfo,
  type ObjectLocks,
  type ObjectStore,
  type PutOptions,
  type StoreAbilities,
} from "./store.ts";
import { Traffic, type TrafficCounts } from "./traffic.ts";

/** A store that counts what is asked of `store`, a listing as one call. Owns `store`. */
export class CountingStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #traffic: Traffic;

  constructor(store: ObjectStore, traffic = new Traffic()) {
    this.location = store.location;
    this.#store = store;
    this.#traffic = traffic;
  }

  /** The counts so far; they go on counting. */
  get counts(): TrafficCounts {
    return this.#traffic.counts;
  }

  get connections(): number | undefined {
    return this.#store.connections;
  }

  get abilities(): StoreAbilities | undefined {
    return this.#store.abilities;
  }

  async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const count = bytes.length;
    this.#traffic.call("put");
    await this.#store.put(name, bytes, options);
    this.#traffic.moved("put", count);
  }

  async get(
    name: string,
    options?: GetOptions,
  ): Promise<Uint8Array> {
    this.#traffic.call("get");
    const bytes = await this.#store.get(name, options);
    this.#traffic.moved("get", bytes.length);
    return bytes;
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    this.#traffic.call("size");
    return this.#store.size(name, options);
  }

  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    this.#traffic.call("list");
    return this.#store.list(prefix, options);
  }

  folders(prefix: string, options?: CallOptions): Promise<string[]> {
    this.#traffic.call("list");
    return foldersIn(this.#store, prefix, options);
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    this.#traffic.call("remove");
    return this.#store.remove(name, options);
  }

  get removeMany(): ObjectStore["removeMany"] {
    return this.#store.removeMany && ((names, options) => {
      this.#traffic.call("remove");
      return this.#store.removeMany!(names, options);
    });
  }

  get statedSha256(): ObjectStore["statedSha256"] {
    return this.#store.statedSha256 && ((name, options) => {
      this.#traffic.call("size");
      return this.#store.statedSha256!(name, options);
    });
  }

  get locks(): ObjectLocks | undefined {
    return this.#store.locks;
  }

  get cold(): ColdStorage | undefined {
    return this.#store.cold;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }
}
