import { randomBytes } from "node:crypto";
import { ExistsError, UsageError } from "../../base/errors.ts";
import type { Tools } from "../../read/tools.ts";
import type { Outcome } from "./meanings.ts";

/** Writers at the same instant, and how often. */
const WRITERS = 4;
const ROUNDS = 3;
const BYTES = 24;

export interface ConditionPlaces {
  /** An object that is there. */
  readonly object: string;
  /** One that is made for this alone. */
  readonly racing: string;
  /** Names of what is made are added. */
  readonly made: string[];
}

/**
 * Whether the store keeps an object that is there from being replaced. Found by what it did: where it cannot, our store looks before it
 * writes, which would seem to be the same.
 */
export async function probeCondition(tools: Tools, places: ConditionPlaces): Promise<Outcome> {
  try {
    await write(tools, places.object);
    return ["no", "it replaced an object that it was asked to keep"];
  } catch (error) {
    if (!(error instanceof ExistsError)) throw error;
  }
  const seen = tools.store.abilities?.conditionalWrites;
  if (seen?.seen === "no") return ["no", `it answered ${seen.said}`];
  places.made.push(places.racing);
  for (let round = 0; round < ROUNDS; round++) {
    await removeIfAllowed(tools, places.racing);
    const won = await race(tools, places.racing);
    if (won > 1) return ["no", `of ${WRITERS} writers at the same instant ${won} succeeded`];
  }
  return ["yes"];
}

/** How many of some writers of one object succeed: one may, and none where it cannot be removed any more. */
async function race(tools: Tools, name: string): Promise<number> {
  const results = await Promise.allSettled(Array.from({ length: WRITERS }, () => write(tools, name)));
  for (const result of results) {
    if (result.status === "rejected" && !(result.reason instanceof ExistsError)) throw result.reason;
  }
  return results.filter(({ status }) => status === "fulfilled").length;
}

async function removeIfAllowed({ store, signal }: Tools, name: string): Promise<void> {
  try {
    await store.remove(name, { signal });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
}

async function write({ store, signal }: Tools, name: string): Promise<void> {
  await store.put(name, new Uint8Array(randomBytes(BYTES)), { createOnly: true, signal });
}
