import { RefusedError, UnavailableError } from "../../src/base/errors.ts";
import { SharedStore } from "../../src/store/shared.ts";
import type { ObjectInfo } from "../../src/store/store.ts";

// Calls to a store, whichever it is, are counted, and may be lost. Whoever imports this module has them replaced.

/** Where a call gets lost: on its way to the store, or on its way back, when the store has done it. */
export type Lost = "request" | "answer";

/** A call that is lost. It is the only one, or no later one reaches the store either: as when the machine dies, or the credentials do. */
export interface StorePlan {
  readonly at: number;
  readonly lost: Lost;
  readonly forEver: boolean;
}

class StoreRecorder {
  #calls: string[] | undefined;
  #plan: StorePlan | undefined;

  start(plan?: StorePlan): void {
    this.#calls = [];
    this.#plan = plan;
  }

  /** The calls since the start: verb and name. */
  stop(): readonly string[] {
    const calls = this.#calls ?? [];
    this.#calls = undefined;
    return calls;
  }

  async call<T>(verb: string, name: string, work: () => Promise<T>): Promise<T> {
    if (this.#calls === undefined) return await work();
    const at = this.#calls.push(`${verb} ${name}`) - 1;
    const plan = this.#plan;
    if (plan === undefined || at < plan.at || at > plan.at && !plan.forEver) return await work();
    if (at === plan.at && plan.lost === "answer") await work();
    if (!plan.forEver) throw new UnavailableError(`Cannot ${verb} "${name}": the connection was lost`);
    throw new RefusedError(`Cannot ${verb} "${name}": refused`);
  }
}

export const storeRecorder = new StoreRecorder();

const { put, get, size, list, folders, remove } = SharedStore.prototype;

Object.assign(SharedStore.prototype, {
  put(this: SharedStore, ...args: Parameters<typeof put>) {
    return storeRecorder.call("put", args[0], () => put.apply(this, args));
  },
  get(this: SharedStore, ...args: Parameters<typeof get>) {
    return storeRecorder.call("get", args[0], () => get.apply(this, args));
  },
  size(this: SharedStore, ...args: Parameters<typeof size>) {
    return storeRecorder.call("size", args[0], () => size.apply(this, args));
  },
  folders(this: SharedStore, ...args: Parameters<typeof folders>) {
    return storeRecorder.call("list", args[0], () => folders.apply(this, args));
  },
  remove(this: SharedStore, ...args: Parameters<typeof remove>) {
    return storeRecorder.call("remove", args[0], () => remove.apply(this, args));
  },
  async *list(this: SharedStore, ...args: Parameters<typeof list>): AsyncGenerator<ObjectInfo> {
    yield* await storeRecorder.call("list", args[0], () => Array.fromAsync(list.apply(this, args)));
  },
});
