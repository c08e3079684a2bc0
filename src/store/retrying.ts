import { append } from "../base/append.ts";
import {
  CorruptionError,
  ExistsError,
  NotFoundError,
  RefusedError,
  UnavailableError,
} from "../base/errors.ts";
import { retry, type RetryPolicy, type RetryTiming, systemTiming } from "../base/retry.ts";
import type { Report } from "../report/events.ts";
import {
  type CallOptions,
  type ColdStorage,
  foldersIn,
  type GetOptions,
  type NotRemoved,
  type ObjectInfo,
  type ObjectLocks,
  type ObjectStore,
  type PutOptions,
  type StoreAbilities,
} from "./store.ts";

export interface StoreRetryPolicy extends RetryPolicy {
  /** Limit until the store has answered once: one that never did is rather misconfigured than down. */
  readonly firstLimitMs: number;
}

/** A quarter of an hour outlasts a reboot of a router or a store, and few people wait longer before they look. */
const DEFAULT_POLICY: StoreRetryPolicy = {
  baseMs: 500,
  maxDelayMs: 30_000,
  limitMs: 15 * 60_000,
  firstLimitMs: 30_000,
};

/** Up to here an object that is not named by its bytes is read back and compared; above, its size decides. */
const COMPARE_LIMIT_BYTES = 1 << 20;

/** Requests for one removal of many objects. */
const MANY_ATTEMPTS = 3;

/** How long a server has to come to its senses. */
const DOUBT_MS = 500;

export interface RetryingOptions {
  readonly policy?: Partial<StoreRetryPolicy>;
  readonly timing?: RetryTiming;
}

/** A store that repeats calls of `store` failing with `UnavailableError`, and nothing else. Owns `store`. */
export function retrying(store: ObjectStore, report: Report, options: RetryingOptions = {}): ObjectStore {
  return new RetryingStore(store, report, options);
}

class RetryingStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #report: Report;
  readonly #policy: StoreRetryPolicy;
  readonly #timing: RetryTiming;
  #hasAnswered = false;

  constructor(store: ObjectStore, report: Report, options: RetryingOptions) {
    this.location = store.location;
    this.#store = store;
    this.#report = report;
    this.#policy = { ...DEFAULT_POLICY, ...options.policy };
    this.#timing = options.timing ?? systemTiming;
  }

  get connections(): number | undefined {
    return this.#store.connections;
  }

  get abilities(): StoreAbilities | undefined {
    return this.#store.abilities;
  }

  /**
   * Where a create-only put finds the object there, an attempt of ours may have stored it and only the answer was lost, or
   * something on the way sent it twice: what is there and has our bytes is a success. A further attempt looks first: a server that refuses
   * a large one before it has read it breaks the connection, so that the refusal may never be heard.
   */
  put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    return this.#repeat(`write "${name}"`, options, async (attempt) => {
      if (attempt > 1 && await this.#isStored(name, bytes, options)) return;
      try {
        await this.#store.put(name, bytes, options);
      } catch (error) {
        if (!(error instanceof ExistsError)) throw error;
        const isSame = await this.#holds(name, bytes, options);
        if (isSame) return;
        if (!isNamedByContent(name, options)) throw error;
        await this.#store.put(name, bytes, { ...options, createOnly: false });
      }
    });
  }

  /** What is missing, or shorter than it should be, is looked at once more before anybody believes it: servers err for a moment. */
  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    const read = () => this.#repeat(`read "${name}"`, options, () => this.#store.get(name, options));
    try {
      return await read();
    } catch (error) {
      if (!isDoubtful(error, name, options)) throw error;
      this.#report({ kind: "retrying", what: `read "${name}"`, delayMs: DOUBT_MS, cause: error });
      await this.#timing.sleep(DOUBT_MS, options.signal);
      return await read();
    }
  }

  size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    return this.#repeat(`look for "${name}"`, options, () => this.#store.size(name, options));
  }

  /**
   * A listing that breaks is begun again and skipped up to where it was, so that whoever iterates sees each object once.
   * That needs name order; from a store that does not keep it, the failure is passed on.
   */
  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    const begin = () => this.#store.list(prefix, options)[Symbol.asyncIterator]();
    let objects = begin();
    let last = "";
    let isOrdered = true;
    const next = async (attempt: number) => {
      if (attempt === 1) return await objects.next();
      objects = begin();
      let step = await objects.next();
      while (!step.done && step.value.name <= last) step = await objects.next();
      return step;
    };
    try {
      while (true) {
        const step = await this.#repeat(`list "${prefix}"`, options, next, () => isOrdered);
        if (step.done) return;
        isOrdered &&= step.value.name > last;
        last = step.value.name;
        yield step.value;
      }
    } finally {
      await objects.return?.();
    }
  }

  folders(prefix: string, options: CallOptions = {}): Promise<string[]> {
    return this.#repeat(`list "${prefix}"`, options, () => foldersIn(this.#store, prefix, options));
  }

  remove(name: string, options: CallOptions = {}): Promise<void> {
    return this.#repeat(`remove "${name}"`, options, () => this.#store.remove(name, options));
  }

  get removeMany(): ObjectStore["removeMany"] {
    return this.#store.removeMany && ((names, options = {}) => this.#removeMany(names, options));
  }

  get statedSha256(): ObjectStore["statedSha256"] {
    return this.#store.statedSha256 &&
      ((name, options = {}) =>
        this.#repeat(`look for "${name}"`, options, () => this.#store.statedSha256!(name, options)));
  }

  get locks(): ObjectLocks | undefined {
    const { locks } = this.#store;
    return locks && {
      end: (now) => locks.end(now),
      needed: (now) => locks.needed(now),
      renew: (name, until, options = {}) =>
        this.#repeat(`lock "${name}"`, options, () => locks.renew(name, until, options)),
      until: locks.until &&
        ((name, options = {}) =>
          this.#repeat(`look for "${name}"`, options, () => locks.until!(name, options))),
    };
  }

  get cold(): ColdStorage | undefined {
    const { cold } = this.#store;
    return cold && {
      temperature: (name, options = {}) =>
        this.#repeat(`look for "${name}"`, options, () => cold.temperature(name, options)),
      askBack: (name, options) =>
        this.#repeat(`ask for "${name}"`, options, () => cold.askBack(name, options)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]();
  }

  async #repeat<T>(
    what: string,
    { signal }: CallOptions,
    work: (attempt: number) => Promise<T>,
    canRepeat = () => true,
  ): Promise<T> {
    const limitMs = this.#hasAnswered ? this.#policy.limitMs : this.#policy.firstLimitMs;
    let attempts = 0;
    try {
      const result = await retry((attempt) => work(attempts = attempt), {
        policy: { ...this.#policy, limitMs },
        isRetryable: (error) => error instanceof UnavailableError && canRepeat(),
        onRetry: (cause, delayMs) => this.#report({ kind: "retrying", what, delayMs, cause }),
        timing: this.#timing,
        signal,
      });
      this.#hasAnswered = true;
      return result;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      throw new UnavailableError(`${error.message}; gave up after ${attempts} attempts`, { cause: error });
    }
  }

  /** What may pass by itself is asked for again, but not for ever: a store may know each of them by itself only. */
  #removeMany(
    names: readonly string[],
    options: CallOptions,
  ): Promise<readonly NotRemoved[] | undefined> {
    let asked = names;
    const left: NotRemoved[] = [];
    return this.#repeat(`remove ${names.length} objects`, options, async (attempt) => {
      if (attempt > MANY_ATTEMPTS) return undefined;
      const failed = await this.#store.removeMany!(asked, options);
      if (failed === undefined) return undefined;
      const [passing, lasting] = [failed.filter(mayPass), failed.filter((one) => !mayPass(one))];
      append(left, lasting);
      if (passing.length === 0) return left;
      asked = passing.map(({ name }) => name);
      throw passing[0]!.error;
    });
  }

  /** Whether it is surely there. What is not create-only may take the place of something damaged of the same size. */
  async #isStored(name: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    if (!options.createOnly || !isNamedByContent(name, options)) return false;
    try {
      return await this.#store.size(name, { signal: options.signal }) === bytes.length;
    } catch (error) {
      if (error instanceof RefusedError) return false;
      throw error;
    }
  }

  /** Where the store does not let us look, the name has to do. */
  async #holds(name: string, bytes: Uint8Array, options: PutOptions): Promise<boolean> {
    const { signal } = options;
    try {
      if (await this.#store.size(name, { signal }) !== bytes.length) return false;
      if (isNamedByContent(name, options) || bytes.length > COMPARE_LIMIT_BYTES) return true;
      const stored = await this.#store.get(name, { signal });
      return stored.length === bytes.length && stored.every((byte, index) => byte === bytes[index]);
    } catch (error) {
      if (error instanceof RefusedError) return isNamedByContent(name, options);
      throw error;
    }
  }
}

/** Something is known to be there, and is not. What has a name of its own is often only asked for to see whether it is there. */
function isDoubtful(error: unknown, name: string, { range }: GetOptions): boolean {
  if (error instanceof CorruptionError) return range !== undefined;
  return error instanceof NotFoundError && (range !== undefined || /[0-9a-f]{64}$/.test(name));
}

/** What has such a name and another size is half an object. */
function isNamedByContent(name: string, { sha256 }: PutOptions): boolean {
  return sha256 !== undefined && name.endsWith(sha256);
}

function mayPass({ error }: NotRemoved): boolean {
  return error instanceof UnavailableError;
}
