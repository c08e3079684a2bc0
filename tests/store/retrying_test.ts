import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import {
  CorruptionError,
  ExistsError,
  NotFoundError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../../src/base/errors.ts";
import type { RetryTiming } from "../../src/base/retry.ts";
import type { Event } from "../../src/report/events.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { retrying } from "../../src/store/retrying.ts";
import type { ByteRange, CallOptions, ObjectInfo, ObjectStore, PutOptions } from "../../src/store/store.ts";
import { collect, namesOf, noise, sha256, text } from "./objects.ts";
import { storeConformance } from "./conformance.ts";

/** A store whose calls fail as `failures` says, in order, before or after they took effect; then it works. */
class FailingStore extends MemoryStore {
  failures: Error[] = [];
  /** Failures of `put` that come after the object was stored: the answer is lost. */
  lostAnswers: Error[] = [];
  /** After how many objects a listing fails, listing by listing. */
  listingBreaks: number[] = [];

  override async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    this.#fail();
    await super.put(name, bytes, options);
    const lost = this.lostAnswers.shift();
    if (lost !== undefined) throw lost;
  }

  override get(name: string, options?: CallOptions & { readonly range?: ByteRange }): Promise<Uint8Array> {
    this.#fail();
    return super.get(name, options);
  }

  override size(name: string, options?: CallOptions): Promise<number | undefined> {
    this.#fail();
    return super.size(name, options);
  }

  override remove(name: string, options?: CallOptions): Promise<void> {
    this.#fail();
    return super.remove(name, options);
  }

  override async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    let left = this.listingBreaks.shift();
    for await (const info of super.list(prefix, options)) {
      if (left !== undefined && left-- === 0) throw new UnavailableError("the listing broke");
      yield info;
    }
  }

  #fail(): void {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

function bench() {
  const inner = new FailingStore();
  const events: Event[] = [];
  let nowMs = 0;
  const timing: RetryTiming = {
    now: () => nowMs,
    random: () => 0.5,
    sleep: (delayMs) => Promise.resolve(void (nowMs += delayMs)),
  };
  const policy = { baseMs: 100, maxDelayMs: 1000, limitMs: 20_000, firstLimitMs: 2000 };
  const store = retrying(inner, (event) => events.push(event), { policy, timing });
  return { inner, store, events, now: () => nowMs };
}

const unavailable = (count: number) =>
  Array.from({ length: count }, () => new UnavailableError("Cannot: down"));

storeConformance("A retrying store", () => {
  return Promise.resolve({ store: bench().store, cleanup: () => Promise.resolve() });
}, { createOnly: "atomic", checksHashes: false, keepsConnections: false, manyObjects: 100 });

const calls: Record<string, (store: ObjectStore) => Promise<unknown>> = {
  "put()": (store) => store.put("a", text("x")),
  "get()": (store) => store.get("a"),
  "size()": (store) => store.size("a"),
  "remove()": (store) => store.remove("a"),
};

for (const [verb, call] of Object.entries(calls)) {
  Deno.test(`retrying() repeats ${verb} that is unavailable, and says so each time`, async () => {
    const { inner, store, events } = bench();
    await store.put("a", text("x"));
    inner.failures = unavailable(3);
    await call(store);
    assert.deepEqual(events.map((event) => event.kind), ["retrying", "retrying", "retrying"]);
    const [first] = atLeast(1, events);
    assert(first.kind === "retrying" && first.what.includes('"a"') && first.delayMs === 50);
    assert(first.cause instanceof UnavailableError);
  });

  for (const ErrorClass of [UsageError, NotFoundError, CorruptionError, ExistsError, TypeError]) {
    Deno.test(`retrying() does not repeat ${verb} that fails with ${ErrorClass.name}`, async () => {
      const { inner, store, events } = bench();
      const failure = new ErrorClass("no");
      inner.failures = [failure];
      await assert.rejects(call(store), (error) => error === failure);
      assert.deepEqual(events, []);
    });
  }
}

Deno.test("retrying() gives up on a store that never answered sooner than on one that did", async () => {
  const { inner, store, now } = bench();
  inner.failures = unavailable(1000);
  await assert.rejects(store.size("a"), /Cannot: down; gave up after \d+ attempts/);
  assert(now() <= 2000);
  inner.failures = [];
  await store.size("a");
  inner.failures = unavailable(1000);
  await assert.rejects(store.size("a"), UnavailableError);
  assert(now() > 20_000);
});

Deno.test("retrying() takes a create-only put for done when only its answer was lost", async () => {
  for (const bytes of [text("small"), noise((1 << 20) + 1)]) {
    const { inner, store } = bench();
    inner.lostAnswers = unavailable(1);
    await store.put("a", bytes, { createOnly: true });
    assert.equal(await store.size("a"), bytes.length);
  }
});

Deno.test("retrying() sees that an object is stored though the store breaks off whoever sends it again", async () => {
  const { inner, store, events } = bench();
  const bytes = noise(100);
  const name = `blobs/${sha256(bytes)}`;
  const put = inner.put.bind(inner);
  inner.put = async (...args) => {
    if (await inner.size(name) !== undefined) throw new UnavailableError("write EPIPE");
    await put(...args);
    throw new UnavailableError("the answer was lost");
  };
  await store.put(name, bytes, { sha256: sha256(bytes), createOnly: true });
  assert.equal(events.length, 1);
  // What may be there to be replaced is sent in any case.
  await assert.rejects(store.put(name, bytes, { sha256: sha256(bytes) }), /EPIPE/);
});

Deno.test("retrying() does not take another writer's object for its own", async () => {
  for (const other of [text("Small"), text("longer than ours")]) {
    const { inner, store } = bench();
    await inner.put("a", other);
    inner.failures = unavailable(1);
    await assert.rejects(store.put("a", text("small"), { createOnly: true }), ExistsError);
    assert.deepEqual(await store.get("a"), other);
  }
});

Deno.test("retrying() takes a create-only put for done when the object has the same bytes already", async () => {
  const { store } = bench();
  await store.put("a", text("small"));
  await store.put("a", text("small"), { createOnly: true });
  await assert.rejects(store.put("a", text("Small"), { createOnly: true }), ExistsError);
});

/** A store that lets no one look. */
class WriteOnlyStore extends MemoryStore {
  override get(): Promise<Uint8Array> {
    return Promise.reject(new RefusedError("no"));
  }
  override size(): Promise<number | undefined> {
    return Promise.reject(new RefusedError("no"));
  }
}

Deno.test("retrying() trusts the name of an object named by its bytes where it may not look, and no other", async () => {
  const store = retrying(new WriteOnlyStore(), () => {});
  const bytes = text("small");
  const options = { sha256: sha256(bytes), createOnly: true };
  for (let i = 0; i < 2; i++) await store.put(`blobs/${options.sha256}`, bytes, options);
  await store.put("manifest", bytes, options);
  await assert.rejects(store.put("manifest", bytes, options), ExistsError);
});

Deno.test("retrying() replaces half an object that has the name of the whole", async () => {
  const { inner, store } = bench();
  const bytes = text("a whole one");
  const name = `blobs/${sha256(bytes)}`;
  await inner.put(name, bytes.subarray(0, 4));
  await store.put(name, bytes, { sha256: sha256(bytes), createOnly: true });
  assert.deepEqual(await store.get(name), bytes);
});

Deno.test("retrying() goes on with a listing that broke, and gives each object once", async () => {
  const names = Array.from({ length: 10 }, (_, i) => `d/${i}`);
  for (const listingBreaks of [[0], [3], [9], [3, 1, 0, 7], [5, 5, 5]]) {
    const { inner, store, events } = bench();
    for (const name of names) await inner.put(name, text("x"));
    inner.listingBreaks = [...listingBreaks];
    assert.deepEqual(await namesOf(store.list("d/")), names);
    assert.equal(events.length, listingBreaks.length);
  }
});

Deno.test("retrying() passes on the failure of a listing that is not in name order", async () => {
  const { inner, store } = bench();
  let listings = 0;
  inner.list = async function* () {
    listings++;
    for (const name of ["b", "a"]) yield { name, size: 1, modified: new Date(0) };
    throw new UnavailableError("the listing broke");
  };
  await assert.rejects(collect(store.list("")), UnavailableError);
  assert.equal(listings, 1);
});

Deno.test("retrying() stops between attempts when the signal fires", async () => {
  const { inner, store } = bench();
  const controller = new AbortController();
  inner.failures = unavailable(1000);
  const sizes = inner.size.bind(inner);
  let calls = 0;
  inner.size = (name, options) => {
    if (++calls === 3) controller.abort(new Error("stop"));
    return sizes(name, options);
  };
  await assert.rejects(store.size("a", { signal: controller.signal }));
  assert.equal(calls, 3);
});

Deno.test("retrying() looks once more before it believes that bytes are missing that should be there", async () => {
  const bytes = text("a whole one");
  const blob = `blobs/${sha256(bytes)}`;
  const range = { offset: 0, length: 5 };
  const cases: [failure: Error, name: string, options: { range?: typeof range }, isAskedAgain: boolean][] = [
    [new NotFoundError("404"), blob, {}, true],
    [new NotFoundError("404"), blob, { range }, true],
    [new CorruptionError("416"), "a", { range }, true],
    [new NotFoundError("404"), "a", {}, false],
    [new CorruptionError("too large"), blob, {}, false],
  ];
  for (const [failure, name, options, isAskedAgain] of cases) {
    const { inner, store, events } = bench();
    await inner.put(name, bytes);
    inner.failures = [failure];
    if (isAskedAgain) {
      const expected = options.range === undefined ? bytes : bytes.subarray(0, 5);
      assert.deepEqual(await store.get(name, options), expected);
    } else await assert.rejects(store.get(name, options), (error) => error === failure);
    assert.equal(events.length, isAskedAgain ? 1 : 0);
  }
  const { inner, store } = bench();
  inner.failures = [new NotFoundError("404"), new NotFoundError("404 again")];
  await assert.rejects(store.get(blob), /404 again/);
});
