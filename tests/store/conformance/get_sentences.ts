import assert from "node:assert/strict";
import { CorruptionError, NotFoundError } from "../../../src/base/errors.ts";
import { noise, sha256, text } from "../objects.ts";
import type { Sentences } from "./bench.ts";

/** The contract of `ObjectStore`: what is read. */
export const GET_SENTENCES: Sentences = {
  "get of a whole object that has more bytes than maxBytes is CorruptionError": async ({ store, folder }) => {
    await store.put(`${folder}/large`, text("0123456789"));
    assert.equal((await store.get(`${folder}/large`, { maxBytes: 10 })).length, 10);
    await assert.rejects(store.get(`${folder}/large`, { maxBytes: 9 }), CorruptionError);
    const range = { offset: 1, length: 3 };
    assert.equal((await store.get(`${folder}/large`, { maxBytes: 9, range })).length, 3);
  },

  "get() gives the bytes that put() took": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("hello"));
    assert.deepEqual(await store.get(`${folder}/a`), text("hello"));
  },

  "get() gives a buffer of exactly the object's size": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("hello"));
    assert.equal((await store.get(`${folder}/a`)).buffer.byteLength, 5);
  },

  "an object of 20 MiB comes back whole and in ranges": async ({ store, folder }) => {
    const bytes = noise(20 << 20);
    await store.put(`${folder}/big`, bytes, { sha256: sha256(bytes) });
    assert.equal(sha256(await store.get(`${folder}/big`)), sha256(bytes));
    const range = { offset: (7 << 20) + 13, length: (9 << 20) + 1 };
    const part = await store.get(`${folder}/big`, { range });
    assert.equal(sha256(part), sha256(bytes.subarray(range.offset, range.offset + range.length)));
  },

  "objects of sizes around 1 MiB come back": async ({ store, folder }) => {
    for (const size of [1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1]) {
      const bytes = noise(size);
      await store.put(`${folder}/${size}`, bytes);
      assert.equal(sha256(await store.get(`${folder}/${size}`)), sha256(bytes), `${size} bytes`);
    }
  },

  "get() gives exactly the range": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("0123456789"));
    const table: [number, number, string][] = [
      [0, 2, "01"],
      [0, 10, "0123456789"],
      [9, 1, "9"],
      [4, 3, "456"],
      [1, 9, "123456789"],
      [0, 9, "012345678"],
    ];
    for (const [offset, length, expected] of table) {
      const bytes = await store.get(`${folder}/a`, { range: { offset, length } });
      assert.deepEqual(bytes, text(expected), `${offset}+${length}`);
      assert.equal(bytes.buffer.byteLength, length);
    }
  },

  "get() puts a range where it is said, also in shared memory": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("0123456789"));
    for (const memory of [new ArrayBuffer(8), new SharedArrayBuffer(8)]) {
      const into = new Uint8Array(memory, 2, 4);
      assert.equal(await store.get(`${folder}/a`, { range: { offset: 3, length: 4 }, into }), into);
      assert.deepEqual(new Uint8Array(memory).slice(), text("\0\x003456\0\0"));
    }
  },

  "get() gives the first byte alone": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("0123456789"));
    assert.deepEqual(await store.get(`${folder}/a`, { range: { offset: 0, length: 1 } }), text("0"));
  },

  "get() of a range of an empty object throws CorruptionError": async ({ store, folder }) => {
    await store.put(`${folder}/empty`, new Uint8Array(0));
    await assert.rejects(store.get(`${folder}/empty`, { range: { offset: 0, length: 1 } }), CorruptionError);
  },

  "get() of a range that the object does not have throws CorruptionError": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("0123456789"));
    for (const [offset, length] of [[0, 11], [9, 2], [10, 1], [11, 1], [1000, 1000]] as const) {
      const get = store.get(`${folder}/a`, { range: { offset: offset!, length: length! } });
      await assert.rejects(get, CorruptionError, `${offset}+${length}`);
    }
  },

  "get() of what is not there throws NotFoundError": async ({ store, folder }) => {
    await assert.rejects(store.get(`${folder}/none`), NotFoundError);
    await assert.rejects(store.get(`${folder}/none`, { range: { offset: 0, length: 1 } }), NotFoundError);
    await store.put(`${folder}/a`, text("x"));
    await assert.rejects(store.get(`${folder}/b`), /Cannot read ".*": not there/);
  },

  "size() is the size, or undefined for what is not there": async ({ store, folder }) => {
    await store.put(`${folder}/deep/er/a`, text("12345"));
    assert.equal(await store.size(`${folder}/deep/er/a`), 5);
    assert.equal(await store.size(`${folder}/deep/er/b`), undefined);
    assert.equal(await store.size(`${folder}/deep/er`), undefined);
    assert.equal(await store.size(`${folder}/none/a`), undefined);
  },
};
