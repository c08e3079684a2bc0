import { RefusedError } from "../../base/errors.ts";
import { CONTENT_KINDS } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";

/** The credentials let no one find out: this is not the same as that nothing is there. */
export const REFUSED = "refused";

/**
 * What a run can find out about the store. Credentials that can only add may forbid it all; what was refused once is not asked
 * again in the run, and is reported once.
 */
export class Looks {
  readonly #tools: HostTools;
  #mayAsk = true;
  #mayList = true;

  constructor(tools: HostTools) {
    this.#tools = tools;
  }

  /** Bytes in the object, `undefined` where there is none. */
  async size(name: string): Promise<number | undefined | typeof REFUSED> {
    const { store, signal } = this.#tools;
    if (this.#mayAsk) {
      const size = await orRefused(store.size(name, { signal }));
      if (size !== REFUSED) return size;
      this.#mayAsk = false;
    }
    const listed = await this.list(name);
    return listed === REFUSED ? REFUSED : listed.get(name);
  }

  /** Sizes of the objects whose names begin with `prefix`. */
  async list(prefix: string): Promise<ReadonlyMap<string, number> | typeof REFUSED> {
    if (!this.#mayList) return REFUSED;
    const listed = await orRefused(this.#collect(prefix));
    if (listed !== REFUSED) return listed;
    this.#mayList = false;
    this.#tools.report({
      kind: "note",
      text:
        `the credentials let no one look into ${this.#tools.store.location}: what the index knows is trusted`,
    });
    return REFUSED;
  }

  /** Where no one may list them, none counts: what is stored twice costs space, what is not stored costs a backup. */
  async storedBlobs(): Promise<ReadonlyMap<string, number>> {
    const stored = new Map<string, number>();
    for (const kind of CONTENT_KINDS) {
      const listed = await this.list(`${kind}/`);
      if (listed === REFUSED) return new Map();
      for (const [name, size] of listed) stored.set(name, size);
    }
    return stored;
  }

  async #collect(prefix: string): Promise<Map<string, number>> {
    const { store, signal } = this.#tools;
    const sizes = new Map<string, number>();
    for await (const { name, size } of store.list(prefix, { signal })) sizes.set(name, size);
    return sizes;
  }
}

async function orRefused<T>(look: Promise<T>): Promise<T | typeof REFUSED> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof RefusedError) return REFUSED;
    throw error;
  }
}
