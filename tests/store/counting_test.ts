import assert from "node:assert/strict";
import { CountingStore } from "../../src/store/counting.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { Traffic } from "../../src/store/traffic.ts";
import { collect, text } from "./objects.ts";
import { storeConformance } from "./conformance.ts";

storeConformance("A CountingStore", () => {
  return Promise.resolve({ store: new CountingStore(new MemoryStore()), cleanup: () => Promise.resolve() });
}, { createOnly: "atomic", checksHashes: false, keepsConnections: false, manyObjects: 100 });

Deno.test("CountingStore counts calls and bytes by verb", async () => {
  const store = new CountingStore(new MemoryStore());
  await store.put("a", text("12345"));
  await store.put("a", text("123"), { createOnly: true }).catch(() => {});
  await store.get("a");
  await store.get("a", { range: { offset: 1, length: 2 } });
  await store.get("b").catch(() => {});
  await store.size("a");
  await collect(store.list(""));
  await store.remove("a");
  assert.deepEqual(store.counts, {
    put: { calls: 2, bytes: 5 },
    get: { calls: 3, bytes: 7 },
    size: { calls: 1, bytes: 0 },
    list: { calls: 1, bytes: 0 },
    remove: { calls: 1, bytes: 0 },
  });
});

Deno.test("Traffic.take() gives what came since the last time", async () => {
  const traffic = new Traffic();
  const store = new CountingStore(new MemoryStore(), traffic);
  await store.put("a", text("12345"));
  assert.deepEqual(traffic.take().put, { calls: 1, bytes: 5 });
  await store.put("b", text("123"));
  await store.get("a");
  const taken = traffic.take();
  assert.deepEqual([taken.put, taken.get], [{ calls: 1, bytes: 3 }, { calls: 1, bytes: 5 }]);
  assert.deepEqual(traffic.counts.put, { calls: 2, bytes: 8 });
});
