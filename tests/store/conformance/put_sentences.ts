import assert from "node:assert/strict";
import { CorruptionError, ExistsError } from "../../../src/base/errors.ts";
import { namesOf, noise, sha256, text } from "../objects.ts";
import type { Sentences } from "./bench.ts";

/** The contract of `ObjectStore`: what is written. */
export const PUT_SENTENCES: Sentences = {
  "put() takes bytes in shared memory": async ({ store, folder }) => {
    for (const size of [10, 3_000_000]) {
      const shared = new Uint8Array(new SharedArrayBuffer(size + 7)).subarray(7);
      for (let i = 0; i < size; i++) shared[i] = i * 31;
      const expected = shared.slice();
      await store.put(`${folder}/${size}`, shared);
      shared.fill(0);
      assert.deepEqual(await store.get(`${folder}/${size}`), new Uint8Array(expected));
    }
  },

  "an object of 0 bytes is an object": async ({ store, folder }) => {
    await store.put(`${folder}/empty`, new Uint8Array(0), { sha256: sha256(new Uint8Array(0)) });
    assert.equal(await store.size(`${folder}/empty`), 0);
    assert.deepEqual(await store.get(`${folder}/empty`), new Uint8Array(0));
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/empty`]);
  },

  "put() does not keep the buffer": async ({ store, folder }) => {
    const bytes = text("before");
    await store.put(`${folder}/a`, bytes);
    bytes.fill(0);
    assert.deepEqual(await store.get(`${folder}/a`), text("before"));
  },

  "put() takes a view into a larger buffer": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("xxhelloxx").subarray(2, 7));
    assert.deepEqual(await store.get(`${folder}/a`), text("hello"));
  },

  "put() again changes nothing": async ({ store, folder }) => {
    const bytes = text("same");
    for (let i = 0; i < 3; i++) await store.put(`${folder}/a`, bytes, { sha256: sha256(bytes) });
    assert.deepEqual(await store.get(`${folder}/a`), bytes);
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/a`]);
  },

  "put() without createOnly replaces": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("one, the longer"));
    await store.put(`${folder}/a`, text("two"));
    assert.deepEqual(await store.get(`${folder}/a`), text("two"));
  },

  "put() of one object from several callers leaves it whole": async ({ store, folder }) => {
    const bytes = noise(300_000);
    await Promise.all(Array.from({ length: 6 }, () => store.put(`${folder}/a`, bytes)));
    assert.equal(sha256(await store.get(`${folder}/a`)), sha256(bytes));
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/a`]);
  },

  "put() with createOnly refuses to replace, where the store can": async ({ store, folder, traits }) => {
    await store.put(`${folder}/a`, text("one"), { createOnly: true });
    const second = store.put(`${folder}/a`, text("two"), { createOnly: true });
    if (traits.createOnly === "ignored") await second;
    else await assert.rejects(second, ExistsError);
    const kept = traits.createOnly === "ignored" ? "two" : "one";
    assert.deepEqual(await store.get(`${folder}/a`), text(kept));
  },

  "of several put() with createOnly at once exactly one wins, where the store can": async (bench) => {
    const { store, folder, traits } = bench;
    const puts = Array.from(
      { length: 8 },
      (_, i) => store.put(`${folder}/a`, text(`writer ${i}`), { createOnly: true }),
    );
    const results = await Promise.allSettled(puts);
    const winners = results.flatMap((result, i) => result.status === "fulfilled" ? [i] : []);
    if (traits.createOnly === "atomic") assert.equal(winners.length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert(result.reason instanceof ExistsError);
    }
    const stored = new TextDecoder().decode(await store.get(`${folder}/a`));
    assert(winners.map((winner) => `writer ${winner}`).includes(stored), stored);
  },

  "put() with a wrong sha256 stores nothing": async ({ store, folder }) => {
    for (const size of [5, (1 << 20) + 1]) {
      const put = store.put(`${folder}/${size}`, noise(size), { sha256: "0".repeat(64) });
      await assert.rejects(put, CorruptionError);
      assert.equal(await store.size(`${folder}/${size}`), undefined);
    }
  },

  "a signal that fires during put() leaves the whole object or none": async ({ store, folder }) => {
    const bytes = noise(8 << 20);
    const reason = new Error("stop");
    for (const delayMs of [0, 2, 10]) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(reason), delayMs);
      const name = `${folder}/${delayMs}`;
      await store.put(name, bytes, { signal: controller.signal }).catch((error) =>
        assert.equal(error, reason)
      );
      clearTimeout(timer);
      assert([undefined, bytes.length].includes(await store.size(name)));
    }
  },
};
