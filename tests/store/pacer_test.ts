import assert from "node:assert/strict";
import type { BandwidthLimits } from "../../src/model/bandwidth.ts";
import { LimitedStore } from "../../src/store/limited.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { Pacer } from "../../src/store/pacer.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { startS3rver } from "../fixtures/s3_server.ts";
import { noise, sha256, text } from "./objects.ts";
import { storeConformance } from "./conformance.ts";

const KIB = 1024;

/** A clock that goes on only while someone sleeps. */
class FakeTime {
  ms = new Date(2026, 5, 1, 7, 59, 50).getTime();
  sleptMs = 0;
  now = () => new Date(this.ms);
  sleep = async (delayMs: number, signal?: AbortSignal) => {
    await Promise.resolve();
    signal?.throwIfAborted();
    this.ms += delayMs;
    this.sleptMs += delayMs;
  };
}

function limitsOf(
  upload?: number,
  download?: number,
  schedule: BandwidthLimits["schedule"] = [],
): BandwidthLimits {
  return { upload, download, schedule };
}

/** A limit that nothing here reaches. */
const FAST = 2 ** 40;

storeConformance(
  "LimitedStore",
  () => {
    const store = new LimitedStore(new MemoryStore(), new Pacer(limitsOf(FAST, FAST)));
    return Promise.resolve({ store, cleanup: () => Promise.resolve() });
  },
  { createOnly: "atomic", checksHashes: false, keepsConnections: false, manyObjects: 20 },
);

Deno.test("Pacer lets pieces go in the order of asking, at the rate, each way alone", async () => {
  const time = new FakeTime();
  const pacer = new Pacer(limitsOf(100, 1000), time);
  const order: number[] = [];
  await Promise.all([300, 200, 100].map((bytes, i) => pacer.upload(bytes).then(() => order.push(i))));
  assert.deepEqual(order, [0, 1, 2]);
  assert.equal(time.sleptMs, 5000); // the last hundred are a debt
  await pacer.download(5000);
  assert.equal(time.sleptMs, 5000);
  await pacer.download(1);
  assert.equal(time.sleptMs, 10_000);
});

Deno.test("Pacer without a limit does not wait", async () => {
  const time = new FakeTime();
  const pacer = new Pacer(limitsOf(undefined, 10), time);
  for (let i = 0; i < 5; i++) await pacer.upload(1 << 30);
  assert.equal(time.sleptMs, 0);
});

Deno.test("Pacer looks at the schedule again while it waits", async () => {
  const time = new FakeTime();
  const pacer = new Pacer(
    limitsOf(1, undefined, [{ from: 8 * 60, to: 9 * 60, upload: 1000, download: undefined }]),
    time,
  );
  await pacer.upload(4010); // an hour and more at what holds before eight
  await pacer.upload(1);
  assert.equal(time.sleptMs, 13_001); // until eight, the last second of that at the new rate, and what is left then
});

Deno.test("Pacer ends a call that waits with the reason of its signal, and no other", async () => {
  const time = new FakeTime();
  const pacer = new Pacer(limitsOf(100), time);
  await pacer.upload(1000);
  const reason = new Error("stop");
  const stopped = pacer.upload(1000, { signal: AbortSignal.abort(reason) });
  const other = pacer.upload(100);
  await assert.rejects(stopped, (error) => error === reason);
  await other;
  assert.equal(time.sleptMs, 10_000);
});

Deno.test("LimitedStore holds back whole objects, in both directions", async () => {
  const time = new FakeTime();
  await using store = new LimitedStore(new MemoryStore(), new Pacer(limitsOf(10, 5), time));
  for (const name of ["a", "b", "c"]) await store.put(name, text("x".repeat(100)));
  assert.equal(time.sleptMs, 20_000);
  time.sleptMs = 0;
  await store.get("a");
  await store.get("b", { range: { offset: 0, length: 10 } });
  await store.get("b", { range: { offset: 0, length: 10 } });
  assert.ok(time.sleptMs >= 20_000 && time.sleptMs <= 22_000, `${time.sleptMs}`);
});

Deno.test({
  name: "S3Store sends and receives in pieces at the rate, small objects and large ones",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startS3rver();
    const time = new FakeTime();
    const pacer = new Pacer(limitsOf(512 * KIB, 256 * KIB), time);
    await using store = await openS3Store(server.location("p"), { pacer });
    await Promise.all([pacer.upload(0), pacer.download(0)]); // credit grows from the first call on
    for (const size of [100 * KIB, 4096 * KIB]) {
      const bytes = noise(size);
      time.ms += 60_000; // no debt, and the credit of a second
      time.sleptMs = 0;
      await store.put(`${size}`, bytes, { sha256: sha256(bytes) });
      await pacer.upload(0); // what the last piece owes
      assertAbout(time.sleptMs, size / (512 * KIB) * 1000, `put of ${size}`);
      time.ms += 60_000;
      time.sleptMs = 0;
      assert.equal(sha256(await store.get(`${size}`)), sha256(bytes));
      await pacer.download(0);
      assertAbout(time.sleptMs, size / (256 * KIB) * 1000, `get of ${size}`);
    }
  },
});

/** All but the credit of a second; a piece that waits may round up by a millisecond. */
function assertAbout(sleptMs: number, expectedMs: number, what: string): void {
  const leastMs = Math.max(0, expectedMs - 1000);
  assert.ok(sleptMs >= leastMs && sleptMs <= leastMs + 1, `${what}: ${sleptMs} of ${leastMs}`);
}
