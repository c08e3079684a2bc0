import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { parseTrustedHost } from "../../src/model/trust.ts";
import { manifestName, pinName } from "../../src/model/names.ts";
import { hostsOf } from "../../src/read/hosts.ts";
import { storeInfo } from "../../src/operations/store_info.ts";
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
  await machine.root.put("outside", new Uint8Array(9));
  const now = new Date(Date.parse(newest.finishedAt) + 5_000);
  const info = await storeInfo(machine.rootTools({ now: () => now }));
  const stored = await Array.fromAsync(machine.root.list(""));
  assert.deepEqual([info.objects, info.bytes], [
    stored.length,
    stored.reduce((sum, { size }) => sum + size, 0),
  ]);
  const of = (kind: string) => info.kinds.find((found) => found.kind === kind);
  assert.deepEqual(info.kinds.map(({ kind }) => kind), [
    "blobs",
    "pages",
    "lists",
    "snapshots",
    "prune",
    "other",
  ]);
  assert.equal(of("snapshots")!.objects, 4);
  assert.ok(of("blobs")!.objects > 0 && of("pages")!.objects > 0);
  assert.deepEqual(of("prune"), { kind: "prune", objects: 1, bytes: 5 });
  const keys = [...await machine.objects("keys/"), ...await machine.objects("host.json")];
  assert.equal(of("other")!.objects, 2 + keys.length, "the foreign ones, and who the host is");
  assert.deepEqual(info.hosts, [{
    host: machine.host,
    hostname: "web1",
    snapshots: 2,
    newest: { id: newest.id, at: newest.finishedAt, ageMs: 5_000 },
  }]);
  assert.deepEqual([info.snapshots, info.unreadable], [2, []]);
  assert.deepEqual([info.prices, info.monthlyCost], [undefined, undefined]);
  assert.deepEqual(info.garbage, { objects: 0, bytes: 0 });
});

Deno.test("storeInfo() tells what no manifest names, and does not guess where one cannot be read", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const { id } = await machine.backUp();
  await machine.store.put(`blobs/ab/ab/${BLOB}`, new Uint8Array(1000));
  await machine.store.put(`pages/ab/ab/${BLOB}`, new Uint8Array(100));
  await machine.store.put(pinName("20240102T030405Z-abcdefgh-5e0c9b1f"), new Uint8Array(10));
  await machine.store.put(pinName(id), new Uint8Array(1));
  const info = await storeInfo(machine.rootTools());
  assert.deepEqual(info.garbage, { objects: 3, bytes: 1110 });
  await machine.tamper(manifestName(id), (bytes) => bytes.slice(0, 20));
  const damaged = await storeInfo(machine.rootTools());
  assert.deepEqual([damaged.unreadable, damaged.garbage, damaged.snapshots], [[id], undefined, 0]);
});

Deno.test("storeInfo() counts the objects of an untrusted host, calls none of them garbage, and its host nowhere", async () => {
  await using machine = await Machine.make();
  await using other = await Machine.make({}, machine.root);
  for (const one of [machine, other]) {
    one.write("a");
    await one.backUp();
  }
  await other.store.put(`blobs/ab/ab/${BLOB}`, new Uint8Array(1000));
  const host = parseTrustedHost(`web2 ${"A".repeat(43)}=`)!;
  const tools = machine.rootTools({ trust: { hosts: [host], untrusted: "ignore" } });
  const info = await storeInfo(tools);
  assert.deepEqual([info.snapshots, info.hosts.map(({ host }) => host)], [1, [machine.host]]);
  assert.equal(info.objects, (await Array.fromAsync(machine.root.list(""))).length);
  assert.deepEqual(info.garbage, { objects: 0, bytes: 0 });
  assert.deepEqual((await hostsOf(tools)).map(({ host }) => host), [machine.host]);
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
  await store.put("snapshots/x", new Uint8Array(1 << 19));
  await using machine = await Machine.make({}, store);
  const prices = { perGiB: { COLD: 1024, STANDARD: 2048 }, basis: "by a test" };
  const { classes, monthlyCost, prices: basis } = await storeInfo(machine.rootTools(), prices);
  assert.deepEqual(classes, [
    { storageClass: "COLD", objects: 1, bytes: 1 << 20, monthlyCost: 1 },
    { storageClass: "STANDARD", objects: 1, bytes: 1 << 19, monthlyCost: 1 },
  ]);
  assert.deepEqual([monthlyCost, basis], [2, "by a test"]);
});
