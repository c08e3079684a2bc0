// Of which snapshots all can be opened by whoever opens the newest one. Pure.
import type { SealedKeys } from "./host_keys.ts";

/** What the sealed keys of a host tell of the recipients of its newest snapshot. */
export interface SealedSince {
  readonly hostname: string;
  /** Their tags. */
  readonly recipients: readonly string[];
  /** What was finished from then on is sealed to all of them; milliseconds since 1970. */
  readonly sinceMs: number;
}

/**
 * Keys are sealed again whenever recipients change, and nothing that was stored before a recipient was added is named after that: so the
 * newest snapshot, finished at `finishedAt`, and those before it back to the last addition are sealed to all that it is sealed to. `undefined`
 * where its keys do not tell.
 */
export function sealedSince(
  keys: readonly Pick<SealedKeys, "created" | "hostname" | "recipients">[],
  finishedAt: string,
): SealedSince | undefined {
  const newestFirst = keys.map((one) => ({ ...one, sinceMs: Date.parse(one.created) }))
    .filter(({ sinceMs }) => sinceMs <= Date.parse(finishedAt))
    .sort((a, b) => b.sinceMs - a.sinceMs);
  const newest = newestFirst.at(0);
  if (newest?.recipients === undefined) return undefined;
  const { hostname, recipients } = newest;
  let { sinceMs } = newest;
  for (const before of newestFirst) {
    if (!recipients.every((recipient) => before.recipients?.includes(recipient))) break;
    sinceMs = before.sinceMs;
  }
  return { hostname, recipients, sinceMs };
}
