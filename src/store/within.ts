import {
  type AskBackOptions,
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

/** The part of `store` below the folder `prefix`, which ends with `/`, as a store of its own. It does not own `store`. */
export function within(store: ObjectStore, prefix: string): ObjectStore {
  return new PartOfStore(store, prefix);
}

class PartOfStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly statedSha256?: ObjectStore["statedSha256"];
  readonly removeMany?: ObjectStore["removeMany"];

  constructor(store: ObjectStore, prefix: string) {
    this.location = `${store.location}/${prefix.slice(0, -1)}`;
    this.#store = store;
    this.#prefix = prefix;
    if (store.statedSha256 !== undefined) {
      this.statedSha256 = (name, options) => store.statedSha256!(prefix + name, options);
    }
    if (store.removeMany !== undefined) {
      this.removeMany = async (names, options) => {
        const left = await store.removeMany!(names.map((name) => prefix + name), options);
        return left?.map(({ name, error }) => ({ name: name.slice(prefix.length), error }));
      };
    }
  }

  get connections(): number | undefined {
    return this.#store.connections;
  }

  get abilities(): StoreAbilities | undefined {
    return this.#store.abilities;
  }

  put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    return this.#store.put(this.#prefix + name, bytes, options);
  }

  get(name: string, options?: GetOptions): Promise<Uint8Array> {
    return this.#store.get(this.#prefix + name, options);
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    return this.#store.size(this.#prefix + name, options);
  }

  async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    for await (const info of this.#store.list(this.#prefix + prefix, options)) {
      yield { ...info, name: info.name.slice(this.#prefix.length) };
    }
  }

  folders(prefix: string, options?: CallOptions): Promise<string[]> {
    return foldersIn(this.#store, this.#prefix + prefix, options);
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    return this.#store.remove(this.#prefix + name, options);
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#store;
    return locks && {
      end: (now) => locks.end(now),
      needed: (now) => locks.needed(now),
      renew: (name, until, options) => locks.renew(this.#prefix + name, until, options),
      ...locks.until &&
        { until: (name: string, options?: CallOptions) => locks.until!(this.#prefix + name, options) },
    };
  }

  get cold(): ColdStorage | undefined {
    const { cold } = this.#store;
    return cold && {
      temperature: (name, options) => cold.temperature(this.#prefix + name, options),
      askBack: (name: string, options: AskBackOptions) => cold.askBack(this.#prefix + name, options),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
