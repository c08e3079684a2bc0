import { atLeast } from "../../../src/base/at_least.ts";
import { equalBytes } from "../../../src/base/bytes.ts";
import { ExistsError } from "../../../src/base/errors.ts";
import { VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { setImmediate } from "node:timers/promises";
import type {
  ByteRange,
  CallOptions,
  ObjectInfo,
  ObjectStore,
  PutOptions,
} from "../../../src/store/store.ts";

/** What becomes of a call: it is cut off before it reaches the store, or only its answer is lost. */
export type Fate = "done" | "cut off" | "answer lost";

/** The process has died. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

interface WaitingCall {
  readonly what: string;
  readonly go: (fate: Fate) => Promise<void>;
}

/**
 * A process whose every call to the store waits until it is let through: between two calls it may stand still for any time, while others
 * go on, or die.
 */
export class GatedRun {
  readonly what: string;
  /** Whether a create-only write is one call; otherwise it looks first, and then replaces what has come meanwhile. */
  readonly isAtomic: boolean;
  readonly removesMany: boolean;
  readonly waiting: WaitingCall[] = [];
  isDead = false;
  isDone = false;
  /** What it failed with. */
  error: unknown;

  constructor(
    what: string,
    { isAtomic, removesMany = false }: { readonly isAtomic: boolean; readonly removesMany?: boolean },
  ) {
    this.what = what;
    this.isAtomic = isAtomic;
    this.removesMany = removesMany;
  }

  /** Begins `work` with a store that is `store` behind the gate; resolves at its first call. */
  async start(store: ObjectStore, work: (store: ObjectStore) => Promise<unknown>): Promise<void> {
    void work(new GatedStore(this, store)).catch((error) => void (this.error = error)).then(() =>
      this.isDone = true
    );
    await this.#untilItWaits();
  }

  /** Lets the call at `position` through; resolves when the run waits again, or has ended. */
  async step(position: number, fate: Fate = "done"): Promise<string> {
    const [call] = atLeast(1, this.waiting.splice(position, 1));
    if (fate !== "done") this.isDead = true;
    await call.go(fate);
    if (this.isDead) { for (const other of this.waiting.splice(0)) await other.go("cut off"); }
    await this.#untilItWaits();
    return call.what;
  }

  gate<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.isDead) return Promise.reject(new CrashError(what));
    return new Promise<T>((resolve, reject) => {
      const go = async (fate: Fate) => {
        if (fate === "cut off") return reject(new CrashError(what));
        try {
          const result = await work();
          if (fate === "done") resolve(result);
          else reject(new CrashError(what));
        } catch (error) {
          reject(error);
        }
      };
      this.waiting.push({ what, go });
    });
  }

  async #untilItWaits(): Promise<void> {
    do await setImmediate(); while (!this.isDone && this.waiting.length === 0);
  }
}

class GatedStore implements ObjectStore {
  readonly location: string;
  readonly #run: GatedRun;
  readonly #store: ObjectStore;

  constructor(run: GatedRun, store: ObjectStore) {
    this.location = store.location;
    this.#run = run;
    this.#store = store;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    const copy = bytes.slice();
    if (options.createOnly && !this.#run.isAtomic && !equalBytes(bytes, VOID_MANIFEST)) {
      const size = await this.#run.gate(`check ${name}`, () => this.#store.size(name));
      if (size !== undefined) throw new ExistsError(name);
      options = { ...options, createOnly: false };
    }
    await this.#run.gate(`put ${name}`, () => this.#store.put(name, copy, options));
  }

  get(name: string, options?: CallOptions & { readonly range?: ByteRange }): Promise<Uint8Array> {
    return this.#run.gate(`get ${name}`, () => this.#store.get(name, options));
  }

  size(name: string, options?: CallOptions): Promise<number | undefined> {
    return this.#run.gate(`size ${name}`, () => this.#store.size(name, options));
  }

  /** In two parts, so that it may stand still in the middle. */
  async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    const objects = this.#store.list(prefix, options)[Symbol.asyncIterator]();
    const first = await this.#run.gate(`list ${prefix}`, () => objects.next());
    if (first.done) return;
    yield first.value;
    const rest = await this.#run.gate(`list ${prefix} on`, async () => {
      const found: ObjectInfo[] = [];
      for (let next = await objects.next(); !next.done; next = await objects.next()) found.push(next.value);
      return found;
    });
    yield* rest;
  }

  remove(name: string, options?: CallOptions): Promise<void> {
    return this.#run.gate(`remove ${name}`, () => this.#store.remove(name, options));
  }

  get removeMany(): ObjectStore["removeMany"] {
    if (!this.#run.removesMany) return undefined;
    return async (names) => {
      await Promise.all(names.map((name) => this.remove(name)));
      return [];
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
