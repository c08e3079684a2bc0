export type StoreVerb = "put" | "get" | "size" | "list" | "remove";

export interface VerbCount {
  /** Requests made, including those that failed and were made again; each part of an upload and each page of a listing is one. */
  readonly calls: number;
  /** Bytes of objects, sent or received by requests that succeeded. */
  readonly bytes: number;
}

export type TrafficCounts = Readonly<Record<StoreVerb, VerbCount>>;

const VERBS: readonly StoreVerb[] = ["put", "get", "size", "list", "remove"];

/** What went to and from a store, by verb: it is what most stores bill. */
export class Traffic {
  readonly #counts = zero();
  #taken: TrafficCounts = zero();
  #next = Promise.withResolvers<void>();

  /** The counts so far; they go on counting. */
  get counts(): TrafficCounts {
    return this.#counts;
  }

  /** What was counted since the last time this was asked. */
  take(): TrafficCounts {
    const before = this.#taken;
    this.#taken = structuredClone(this.#counts);
    return map((verb) => ({
      calls: this.#counts[verb].calls - before[verb].calls,
      bytes: this.#counts[verb].bytes - before[verb].bytes,
    }));
  }

  /** Resolves when the next request is made. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  call(verb: StoreVerb): void {
    this.#counts[verb].calls++;
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }

  moved(verb: StoreVerb, bytes: number): void {
    this.#counts[verb].bytes += bytes;
  }
}

function zero(): Record<StoreVerb, { calls: number; bytes: number }> {
  return map(() => ({ calls: 0, bytes: 0 }));
}

function map<T>(of: (verb: StoreVerb) => T): Record<StoreVerb, T> {
  return Object.fromEntries(VERBS.map((verb) => [verb, of(verb)])) as Record<StoreVerb, T>;
}
