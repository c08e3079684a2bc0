import { delay } from "../../base/clock.ts";
import { EnvironmentError } from "../../base/errors.ts";
import type { Check } from "../../index/checks.ts";
import { Index } from "../../index/index.ts";
import type { HostTools } from "../../read/hosts.ts";

/** Checks that are kept before the index is opened for them: it is never held while blobs are read. */
const CHECKS_AT_ONCE = 1000;
/** How often, and how often in all, the index is asked for at the end when a backup has it. */
const RETRY_MS = 500;
const RETRIES = 120;

/** Remembers in the index what was checked, if there is an index; a backup that has it open is not disturbed. */
export class CheckMemory {
  readonly #tools: HostTools;
  readonly #path: string | undefined;
  #checks: Check[] = [];
  /** When each blob was checked last; `undefined` without an index. */
  readonly times: ReadonlyMap<string, number> | undefined;

  constructor(tools: HostTools, indexPath: string | undefined) {
    this.#tools = tools;
    this.#path = indexPath !== undefined && isThere(indexPath) ? indexPath : undefined;
    this.times = this.#withIndex((index) => index.checks.times());
  }

  add(check: Omit<Check, "timeMs">): void {
    if (this.#path === undefined) return;
    this.#checks.push({ ...check, timeMs: this.#tools.now().getTime() });
    if (this.#checks.length % CHECKS_AT_ONCE === 0) this.#save();
  }

  /** Brings what is left into the index. */
  async close(): Promise<void> {
    for (let left = RETRIES; !this.#save(); left--) {
      if (left === 0) {
        const text = `Index "${this.#path}" is in use: what was verified is not remembered`;
        return this.#tools.report({ kind: "warning", text });
      }
      await delay(RETRY_MS, this.#tools.signal);
    }
  }

  /** False where the index is in use. */
  #save(): boolean {
    if (this.#checks.length === 0) return true;
    const saved = this.#withIndex((index) => (index.checks.add(this.#checks), true)) ?? false;
    if (saved) this.#checks = [];
    return saved;
  }

  #withIndex<T>(work: (index: Index) => T): T | undefined {
    if (this.#path === undefined) return undefined;
    try {
      using index = new Index(this.#path);
      return work(index);
    } catch (error) {
      if (error instanceof EnvironmentError) return undefined;
      throw error;
    }
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
