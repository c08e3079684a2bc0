import { executePrune, type PruneSummary } from "../../../src/operations/prune/prune.ts";
import { type PruneOptions, surveyPrune } from "../../../src/operations/prune/survey.ts";
import { removeSnapshots } from "../../../src/operations/remove.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { Machine } from "../machine.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A clock that stands still until it is moved: that of the store, which decides. */
export class Clock {
  ms = Date.parse("2025-06-01T00:00:00Z");
  readonly now = () => new Date(this.ms);

  pass(ms: number): void {
    this.ms += ms;
  }
}

export const POLICY: PruneOptions = { graceMs: DAY, minAgeMs: 0, dryRun: false };

/** A machine whose own clock goes with the store's. */
export class Pruned {
  readonly machine: Machine;
  readonly clock: Clock;

  constructor(machine: Machine, clock: Clock) {
    this.machine = machine;
    this.clock = clock;
  }

  static async make(wrap: (store: MemoryStore) => ObjectStore = (store) => store): Promise<Pruned> {
    const clock = new Clock();
    const store = new MemoryStore({ now: clock.now });
    return new Pruned(await Machine.make({}, wrap(store)), clock);
  }

  tools(change: object = {}) {
    return this.machine.tools({ now: this.clock.now, ...change });
  }

  /** `tools.store` is the whole store. */
  async backUp(change: object = {}, tools: object = {}) {
    this.clock.pass(10_000);
    return await this.machine.backUp(change, { now: this.clock.now, ...tools });
  }

  async remove({ id }: { readonly id: string }): Promise<void> {
    await removeSnapshots(this.tools(), [id]);
  }

  async prune(change: Partial<PruneOptions> = {}, tools: object = {}): Promise<PruneSummary> {
    const options = { ...POLICY, ...change };
    return await executePrune(this.tools(tools), await surveyPrune(this.tools(tools), options), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }
}
