import { ExistsError } from "../../base/errors.ts";
import type { Report } from "../../report/events.ts";
import { MarkedError } from "./prune_watch.ts";

/** An id is random: one that is taken twice in a row is no accident. */
const IDS_MAX = 3;

export interface Publishing<Result> {
  readonly report: Report;
  /** A new id. */
  readonly newId: () => string;
  /** Stores what the store has not, and tells what the snapshot needs. */
  readonly scan: () => Promise<Result>;
  /** Publishes it under `id`; the size of its manifest. Throws `ExistsError` where that cannot be, {@link MarkedError}. */
  readonly publishAs: (result: Result, id: string) => Promise<number>;
}

export interface Published<Result> {
  readonly result: Result;
  readonly id: string;
  readonly manifestSize: number;
}

/** Scans and publishes, again from the start as long as prunes mark what the snapshot needs. */
export async function publishAgain<Result>(publishing: Publishing<Result>): Promise<Published<Result>> {
  for (;;) {
    const result = await publishing.scan();
    try {
      return await publishResult(result, publishing);
    } catch (error) {
      if (!(error instanceof MarkedError)) throw error;
      publishing.report({
        kind: "note",
        text: "what a prune has marked for deletion meanwhile is stored again",
      });
    }
  }
}

async function publishResult<Result>(
  result: Result,
  { newId, publishAs }: Publishing<Result>,
): Promise<Published<Result>> {
  for (let left = IDS_MAX;; left--) {
    const id = newId();
    try {
      return { result, id, manifestSize: await publishAs(result, id) };
    } catch (error) {
      if (!(error instanceof ExistsError) || left === 0) throw error;
    }
  }
}
