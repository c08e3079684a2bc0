import { forEachParallel } from "../base/parallel.ts";
import { Connections } from "./connections.ts";
import {
  type ByteRange,
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

/** One connection of most stores brings as much in a second or less. */
const PIECE_BYTES = 16 << 20;
/** Smaller reads are one request, as they would not be much faster. */
const PARALLEL_FROM_BYTES = 3 * PIECE_BYTES;

/** A store whose calls share so many connections; a listing is made of many small calls and waits for none. Owns `store`. */
export class SharedStore implements ObjectStore {
  readonly location: string;
  readonly connections: number;
  readonly #store: ObjectStore;
  readonly #shared: Connections;

  constructor(store: ObjectStore, connections: number) {
    this.location = store.location;
    this.connections = connections;
    this.#store = store;
    this.#shared = new Connections(connections);
  }

  put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    return this.#call(options, () => this.#store.put(name, bytes, options));
  }

  /** What is large, and of which the size is known, comes in pieces over several connections. */
  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    const { range } = options;
    if (range === undefined || range.length < PARALLEL_FROM_BYTES || this.connections === 1) {
      return await this.#call(options, () => this.#store.get(name, options));
    }
    const whole = options.into ?? new Uint8Array(range.length);
    await forEachParallel(piecesOf(range), this.connections, (piece) => {
      const at = piece.offset - range.offset;
      const into = whole.subarray(at, at + piece.length);
      return this.#call(options, () => this.#store.get(name, { ...options, range: piece, into }));
    });
    return whole;
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    return this.#call(options, () => this.#store.size(name, options));
  }

  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    return this.#store.list(prefix, options);
  }

  folders(prefix: string, options?: CallOptions): Promise<string[]> {
    return this.#call(options, () => foldersIn(this.#store, prefix, options));
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    return this.#call(options, () => this.#store.remove(name, options));
  }

  get removeMany(): ObjectStore["removeMany"] {
    return this.#store.removeMany &&
      ((names, options) => this.#call(options, () => this.#store.removeMany!(names, options)));
  }

  get statedSha256(): ObjectStore["statedSha256"] {
    return this.#store.statedSha256 &&
      ((name, options) => this.#call(options, () => this.#store.statedSha256!(name, options)));
  }

  get abilities(): StoreAbilities | undefined {
    return this.#store.abilities;
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#store;
    return locks && {
      end: (now) => locks.end(now),
      needed: (now) => locks.needed(now),
      renew: (name, until, options) => this.#call(options, () => locks.renew(name, until, options)),
      until: locks.until && ((name, options) => this.#call(options, () => locks.until!(name, options))),
    };
  }

  get cold(): ColdStorage | undefined {
    const { cold } = this.#store;
    return cold && {
      temperature: (name, options) => this.#call(options, () => cold.temperature(name, options)),
      askBack: (name, options) => this.#call(options, () => cold.askBack(name, options)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  #call<T>(options: CallOptions | undefined, call: () => Promise<T>): Promise<T> {
    return this.#shared.run(call, options?.signal);
  }
}

function* piecesOf({ offset, length }: ByteRange): Generator<ByteRange> {
  for (let done = 0; done < length; done += PIECE_BYTES) {
    yield { offset: offset + done, length: Math.min(PIECE_BYTES, length - done) };
  }
}
