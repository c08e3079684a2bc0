import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { storeConformance } from "./conformance.ts";
import { text } from "./objects.ts";

storeConformance(
  "MemoryStore",
  () => Promise.resolve({ store: new MemoryStore(), cleanup: () => Promise.resolve() }),
  {
    createOnly: "atomic",
    checksHashes: false,
    keepsConnections: false,
    manyObjects: 2500,
  },
);

Deno.test("MemoryStore can be a store that ignores create-only writes", async () => {
  const store = new MemoryStore({ conditionalWrites: "ignore" });
  await store.put("a", text("one"), { createOnly: true });
  await store.put("a", text("two"), { createOnly: true });
  assert.deepEqual(await store.get("a"), text("two"));
});

Deno.test("MemoryStore can be a store that refuses create-only writes", async () => {
  const store = new MemoryStore({ conditionalWrites: "refuse" });
  await assert.rejects(store.put("a", text("one"), { createOnly: true }), UsageError);
  assert.equal(await store.size("a"), undefined);
});

Deno.test("MemoryStore takes its time from the clock that it is given", async () => {
  const modified = new Date("2001-02-03T04:05:06Z");
  const store = new MemoryStore({ now: () => modified });
  await store.put("a", text("one"));
  for await (const info of store.list("")) assert.deepEqual(info, { name: "a", size: 3, modified });
});
