import { UsageError } from "../../base/errors.ts";
import type { Tools } from "../../read/tools.ts";

/** Objects asked about at a time. */
const AT_ONCE = 16;
const NAMED_BY_SHA256 = /\/([0-9a-f]{64})$/;

export interface StatedFindings {
  /** What is wrong, by name. */
  readonly faults: Map<string, string>;
  /** Objects of which the store has no SHA-256. */
  readonly unknown: number;
}

/**
 * Asks the store which SHA-256 it has of each of `names`, and compares it with the one that they are called by: no object is fetched.
 * Throws `UsageError` where the store keeps none.
 */
export async function compareStated(
  { store, signal }: Pick<Tools, "store" | "signal">,
  names: Iterable<string>,
): Promise<StatedFindings> {
  if (store.statedSha256 === undefined) {
    throw new UsageError(`Cannot ask ${store.location} for checksums: it keeps none; verify with --deep`);
  }
  const faults = new Map<string, string>();
  let unknown = 0;
  const waiting = [...names].map((name) => [name, NAMED_BY_SHA256.exec(name)?.[1]] as const)
    .filter(([, wanted]) => wanted !== undefined);
  const ask = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [name, wanted] = next;
      const stated = await store.statedSha256!(name, { signal });
      if (stated === undefined) unknown++;
      else if (stated !== wanted) faults.set(name, `has other bytes: the store states SHA-256 ${stated}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return { faults, unknown };
}
