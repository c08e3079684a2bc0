import { randomUUID } from "node:crypto";
import { CLOCK_TOLERANCE_MS } from "../model/retention.ts";
import { CLOCK_PREFIX } from "../model/names.ts";
import type { Tools } from "../read/tools.ts";

/** A prune takes an object for a leftover that has been there for an hour: then it is asked again. */
const TRIES = 5;

/** What time it is by the store's clock, or was when it was asked. That of this machine may be wrong. */
export async function storeNow(tools: Tools): Promise<Date> {
  for (let left = TRIES;; left--) {
    const now = await ask(tools);
    if (now === undefined && left > 0) continue;
    if (now === undefined) throw new Error(`${tools.store.location} does not list what it has taken`);
    if (Math.abs(now.getTime() - tools.now().getTime()) > CLOCK_TOLERANCE_MS) {
      const own = tools.now().toISOString();
      const text = `the store's clock says ${now.toISOString()}, that of this machine ${own}`;
      tools.report({ kind: "warning", text });
    }
    return now;
  }
}

/** When the store says that it has taken a small object. */
async function ask({ store, signal }: Tools): Promise<Date | undefined> {
  const name = `${CLOCK_PREFIX}${randomUUID()}`;
  await store.put(name, new Uint8Array([0x0a]), { signal });
  let now: Date | undefined;
  for await (const { modified } of store.list(name, { signal })) now = modified;
  await store.remove(name, { signal });
  return now;
}
