import { CorruptionError, ExistsError, NotFoundError, UsageError } from "../base/errors.ts";
import { checkName, checkPrefix } from "./names.ts";
import { checkMaximum } from "./read_checks.ts";
import type { CallOptions, GetOptions, ObjectInfo, ObjectStore, PutOptions } from "./store.ts";

export interface MemoryStoreOptions {
  /** What a create-only write meets: a store that can, one that replaces regardless, one that throws. Default: `honour`. */
  readonly conditionalWrites?: "honour" | "ignore" | "refuse";
  readonly now?: () => Date;
}

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly modified: Date;
}

/** A store in memory, for tests: keeps and gives copies, so a caller that reuses its buffer is found out. */
export class MemoryStore implements ObjectStore {
  readonly location = "memory:";
  readonly #objects = new Map<string, StoredObject>();
  readonly #conditionalWrites: "honour" | "ignore" | "refuse";
  readonly #now: () => Date;

  constructor(options: MemoryStoreOptions = {}) {
    this.#conditionalWrites = options.conditionalWrites ?? "honour";
    this.#now = options.now ?? (() => new Date());
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    checkName(name);
    const copy = bytes.slice();
    await turn(options);
    if (options.createOnly) this.#checkCreate(name);
    this.#objects.set(name, { bytes: copy, modified: this.#now() });
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    checkName(name);
    await turn(options);
    const object = this.#objects.get(name);
    if (object === undefined) throw new NotFoundError(`Cannot read "${name}": not there`);
    checkMaximum(name, object.bytes.length, options);
    const { offset, length } = options.range ?? { offset: 0, length: object.bytes.length };
    if (offset + length > object.bytes.length) {
      throw new CorruptionError(
        `Cannot read "${name}": it ends at byte ${object.bytes.length}, not ${offset + length}`,
      );
    }
    if (options.into === undefined) return object.bytes.slice(offset, offset + length);
    options.into.set(object.bytes.subarray(offset, offset + length));
    return options.into;
  }

  async size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    checkName(name);
    await turn(options);
    return this.#objects.get(name)?.bytes.length;
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const names = [...this.#objects.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      await turn(options);
      const object = this.#objects.get(name);
      if (object !== undefined) yield { name, size: object.bytes.length, modified: object.modified };
    }
  }

  folders(prefix: string): Promise<string[]> {
    const below = [...this.#objects.keys()].filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length).split("/")).filter((parts) => parts.length > 1);
    return Promise.resolve([...new Set(below.map((parts) => parts[0]!))].sort());
  }

  async remove(name: string, options: CallOptions = {}): Promise<void> {
    checkName(name);
    await turn(options);
    this.#objects.delete(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #checkCreate(name: string): void {
    if (this.#conditionalWrites === "refuse") {
      throw new UsageError(`Cannot write "${name}": the store has no conditional writes`);
    }
    if (this.#conditionalWrites === "honour" && this.#objects.has(name)) {
      throw new ExistsError(`Cannot write "${name}": it exists`);
    }
  }
}

/** Lets others run, as a real store would, and stops where the caller asked to. */
async function turn(options: CallOptions): Promise<void> {
  await Promise.resolve();
  options.signal?.throwIfAborted();
}
