import { InterruptedError } from "../../base/errors.ts";
import { rulesOf } from "../../model/selection.ts";
import { Thread } from "../../threads/thread.ts";
import type { CountApi, Counted, CountOptions } from "./count_ahead.ts";

/** A count in a thread of its own, beside a backup that has no last one to go by. */
export class AheadCount implements Disposable {
  readonly #options: CountOptions;
  #thread: Thread<CountApi> | undefined;
  /** Once all is counted. */
  counted: Counted | undefined;

  constructor(options: CountOptions) {
    const { roots, exclude, aliases } = options;
    this.#options = { roots, exclude, aliases, ...rulesOf(options) };
  }

  /** Begins to count, the first time. */
  begin(): void {
    if (this.#thread !== undefined) return;
    this.#thread = new Thread<CountApi>(new URL("./count_worker.ts", import.meta.url));
    this.#thread.remote.count(this.#options).then(
      (counted) => {
        this.counted = counted;
        this[Symbol.dispose]();
      },
      () => {}, // progress without an end is what there was before
    );
  }

  [Symbol.dispose](): void {
    this.#thread?.end(new InterruptedError());
  }
}
