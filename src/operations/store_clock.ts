import { randomUUID } from "node:crypto";
import { CLOCK_TOLERANCE_MS } from "../model/retention.ts";
import { CLOCK_PREFIX } from "../model/names.ts";
import type { Tools } from "./options.ts";

/** What time it is by the store's clock: it takes a small object and says when. That of this machine may be wrong. */
export async function storeNow(tools: Tools): Promise<Date> {
  const { store, signal } = tools;
  const name = `${CLOCK_PREFIX}${randomUUID()}`;
  await store.put(name, new Uint8Array([0x0a]), { signal });
  let now: Date | undefined;
  for await (const { modified } of store.list(name, { signal })) now = modified;
  await store.remove(name, { signal });
  if (now === undefined) throw new Error(`${store.location} does not list "${name}", which it has taken`);
  if (Math.abs(now.getTime() - tools.now().getTime()) > CLOCK_TOLERANCE_MS) {
    const text =
      `the store's clock says ${now.toISOString()}, that of this machine ${tools.now().toISOString()}`;
    tools.report({ kind: "warning", text });
  }
  return now;
}
