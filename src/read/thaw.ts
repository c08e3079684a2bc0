import { delay } from "../base/clock.ts";
import { RefusedError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import type { BlobKind } from "../model/names.ts";
import { isCold, type Speed } from "../model/storage_classes.ts";
import type { ColdStorage } from "../store/store.ts";
import type { Tools } from "./tools.ts";

export interface ThawOptions {
  readonly speed: Speed;
  /** For how long what was asked back can be read. */
  readonly days: number;
  /** How often to look whether it is there. */
  readonly pollMs: number;
}

/** Requests at a time. */
const ASKED_AT_ONCE = 16;

/** Asks back what a restore needs from cold storage, all at once when the first of it is met, and waits for each object. */
export class Thaw {
  readonly #tools: Tools;
  readonly #cold: ColdStorage;
  readonly #options: ThawOptions;
  readonly #needed: Readonly<Record<BlobKind, () => Promise<ReadonlySet<string>>>>;
  readonly #asking = new Map<BlobKind, Promise<void>>();

  /** `needed` gives the names of all objects of a kind that the restore will read. */
  constructor(
    tools: Tools,
    cold: ColdStorage,
    options: ThawOptions,
    needed: Readonly<Record<BlobKind, () => Promise<ReadonlySet<string>>>>,
  ) {
    this.#tools = tools;
    this.#cold = cold;
    this.#options = options;
    this.#needed = needed;
  }

  /** Resolves when the object can be read. */
  async wait(name: string): Promise<void> {
    const { signal } = this.#tools;
    const kind: BlobKind = name.startsWith("pages/") ? "pages" : "blobs";
    if (!this.#asking.has(kind)) this.#asking.set(kind, this.#askAll(kind));
    await this.#asking.get(kind);
    for (;;) {
      const temperature = await this.#cold.temperature(name, { signal });
      if (temperature === "warm") return;
      if (temperature === "cold") await this.#ask(name);
      await delay(this.#options.pollMs, signal);
    }
  }

  async #askAll(kind: BlobKind): Promise<void> {
    const names = await this.#coldNames(kind, await this.#needed[kind]());
    const { speed } = this.#options;
    const text =
      `${names.length} objects are asked back from cold storage (${speed}); the restore goes on as they come. ` +
      "It can be interrupted and begun again: what was asked for stays asked for";
    this.#tools.report({ kind: "note", text });
    for await (const _ of readAhead(names, ASKED_AT_ONCE, (name) => this.#ask(name)));
  }

  /** Those in a cold class; all of them where the credentials may not list. */
  async #coldNames(kind: BlobKind, needed: ReadonlySet<string>): Promise<string[]> {
    const { store, signal } = this.#tools;
    const names: string[] = [];
    try {
      for await (const { name, storageClass } of store.list(`${kind}/`, { signal })) {
        if (needed.has(name) && isCold(storageClass)) names.push(name);
      }
      return names;
    } catch (error) {
      if (error instanceof RefusedError) return [...needed];
      throw error;
    }
  }

  async #ask(name: string): Promise<void> {
    const { speed, days } = this.#options;
    await this.#cold.askBack(name, { speed, days, signal: this.#tools.signal });
  }
}
