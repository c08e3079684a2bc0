import { ExistsError } from "../../base/errors.ts";
import { snapshotId } from "../../model/names.ts";
import type { Report } from "../../report/events.ts";
import { CondemnedError } from "./prune_watch.ts";

/** Ids are unique by the second: a snapshot made in the same second takes the next one. */
const IDS_MAX = 60;

export interface Publishing<Result> {
  readonly hostname: string;
  readonly name: string;
  readonly startedAt: Date;
  readonly report: Report;
  /** Stores what the store has not, and tells what the snapshot needs. */
  readonly scan: () => Promise<Result>;
  /** Publishes it under `id`; the size of its manifest. Throws `ExistsError` where that cannot be, {@link CondemnedError}. */
  readonly publishAs: (result: Result, id: string) => Promise<number>;
}

export interface Published<Result> {
  readonly result: Result;
  readonly id: string;
  readonly manifestSize: number;
}

/** Scans and publishes, again from the start as long as prunes condemn what the snapshot needs, under the first id that is free. */
export async function publishAnew<Result>(
  { hostname, name, startedAt, report, scan, publishAs }: Publishing<Result>,
): Promise<Published<Result>> {
  for (let second = 0;;) {
    const result = await scan();
    try {
      for (;; second++) {
        const id = snapshotId(hostname, name, new Date(startedAt.getTime() + second * 1000));
        const manifestSize = await publishAs(result, id).catch((error) => unlessExists(error, second));
        if (manifestSize !== undefined) return { result, id, manifestSize };
      }
    } catch (error) {
      if (!(error instanceof CondemnedError)) throw error;
      report({ kind: "note", text: "what a prune has condemned meanwhile is stored again" });
      second++;
    }
  }
}

function unlessExists(error: unknown, second: number): undefined {
  if (!(error instanceof ExistsError) || second >= IDS_MAX) throw error;
}
