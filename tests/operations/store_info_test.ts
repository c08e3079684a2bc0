import assert from "node:assert/strict";
import { parseTrustedHost } from "../../src/model/trust.ts";
import { manifestName, pinName } from "../../src/model/names.ts";
import { storeInfo } from "../../src/operations/store_info.ts";
import { listSnapshots } from "../../src/operations/snapshots.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { CallOptions, ObjectInfo } from "../../src/store/store.ts";
import { Machine } from "./machine.ts";

const BLOB = "ab".repeat(32);

Deno.test("storeInfo() counts by kind, and tells hosts with their newest snapshot", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  await machine.backUp();
  const newest = await machine.backUp({ name: "other" });
  await machine.store.put("prune/x.json", new Uint8Array(5));
  await machine.store.put("foreign", new Uint8Array(7));
  const now = new Date(Date.parse(newest.finishedAt) + 5_000);
  const info = await storeInfo(machine.tools({ now: () => now }));
  const stored = await Array.fromAsync(machine.store.list(""));
  assert.deepEqual([info.objects, info.bytes], [
    stored.length,
    stored.reduce((sum, { size }) => sum + size, 0),
  ]);
  const of = (kind: string) => info.kinds.find((found) => found.kind === kind);
  assert.deepEqual(info.kinds.map(({ kind }) => kind), ["blobs", "pages", "metadata", "prune", "other"]);
  assert.equal(of("metadata")!.objects, 4);
  assert.ok(of("blobs")!.objects > 0 && of("pages")!.objects > 0);
  assert.deepEqual(of("prune"), { kind: "prune", objects: 1, bytes: 5 });
  assert.deepEqual(of("other"), { kind: "other", objects: 1, bytes: 7 });
  assert.deepEqual(info.hosts, [{
    host: "web1",
    key: (await listSnapshots(machine.tools()))[0].hostKey,
    snapshots: 2,
    newestId: newest.id,
    newestAt: newest.finishedAt,
    newestAgeMs: 5_000,
  }]);
  assert.deepEqual([info.snapshots, info.untrusted, info.unreadable], [2, 0, []]);
  assert.deepEqual([info.prices, info.monthlyCost], [undefined, undefined]);
  assert.deepEqual(info.garbage, { objects: 0, bytes: 0 });
});

Deno.test("storeInfo() tells what no manifest names, and does not guess where one cannot be read", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const { id } = await machine.backUp();
  await machine.store.put(`blobs/ab/ab/${BLOB}`, new Uint8Array(1000));
  await machine.store.put(`pages/ab/ab/${BLOB}`, new Uint8Array(100));
  await machine.store.put(pinName("gone"), new Uint8Array(10));
  await machine.store.put(pinName(id), new Uint8Array(1));
  const info = await storeInfo(machine.tools());
  assert.deepEqual(info.garbage, { objects: 3, bytes: 1110 });
  await machine.tamper(manifestName(id), (bytes) => bytes.slice(0, 20));
  const damaged = await storeInfo(machine.tools());
  assert.deepEqual([damaged.unreadable, damaged.garbage, damaged.snapshots], [[id], undefined, 0]);
});

Deno.test("storeInfo() counts what an untrusted snapshot needs as needed, and its host nowhere", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  await machine.backUp();
  const host = parseTrustedHost(`web2 ${"A".repeat(43)}=`)!;
  const info = await storeInfo(machine.tools({ trust: { hosts: [host], untrusted: "ignore" } }));
  assert.deepEqual([info.snapshots, info.untrusted, info.hosts], [0, 1, []]);
  assert.deepEqual(info.garbage, { objects: 0, bytes: 0 });
});

/** Tells a class of each object, as S3 does. */
class ClassedStore extends MemoryStore {
  override async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    for await (const object of super.list(prefix, options)) {
      yield { ...object, storageClass: object.name.startsWith("blobs/") ? "COLD" : "STANDARD" };
    }
  }
}

Deno.test("storeInfo() estimates the cost by storage class", async () => {
  const store = new ClassedStore();
  await store.put("blobs/x", new Uint8Array(1 << 20));
  await store.put("metadata/x", new Uint8Array(1 << 19));
  await using machine = await Machine.make({}, store);
  const prices = { perGiB: { COLD: 1024, STANDARD: 2048 }, basis: "by a test" };
  const { classes, monthlyCost, prices: basis } = await storeInfo(machine.tools(), prices);
  assert.deepEqual(classes, [
    { storageClass: "COLD", objects: 1, bytes: 1 << 20, monthlyCost: 1 },
    { storageClass: "STANDARD", objects: 1, bytes: 1 << 19, monthlyCost: 1 },
  ]);
  assert.deepEqual([monthlyCost, basis], [2, "by a test"]);
});
