import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { CorruptionError, ExistsError, NotFoundError } from "../../src/base/errors.ts";
import { foldersIn, type ObjectInfo, type ObjectStore } from "../../src/store/store.ts";
import { within } from "../../src/store/within.ts";

export interface StoreTraits {
  /** `atomic`: of several create-only writes one wins. `looked`: what was there before wins. `ignored`: they replace. */
  readonly createOnly: "atomic" | "looked" | "ignored";
  /** Whether a wrong `sha256` is refused. */
  readonly checksHashes: boolean;
  /** Whether connections stay open between calls, so that Deno's leak check must look away. */
  readonly keepsConnections: boolean;
  /** How many objects the listing test writes; more than 1000 make S3 answer in pages. */
  readonly manyObjects: number;
  /** Sentences that the server behind the store breaks, each with how; they are not run. */
  readonly brokenByServer?: Readonly<Record<string, string>>;
}

interface Bench {
  readonly store: ObjectStore;
  /** Begins the names of one test, which has the store to itself below it. */
  readonly folder: string;
  readonly traits: StoreTraits;
}

/** Every line of the contract of `ObjectStore`, for the store that `open` gives; each test works in a folder of its own. */
export function storeConformance(
  name: string,
  open: () => Promise<{ readonly store: ObjectStore; readonly cleanup: () => PromiseLike<void> }>,
  traits: StoreTraits,
  options: { readonly ignore?: boolean } = {},
): void {
  const sanitize = !traits.keepsConnections;
  Deno.test({
    name: `${name} keeps the contract of ObjectStore`,
    ignore: options.ignore ?? false,
    sanitizeOps: sanitize,
    sanitizeResources: sanitize,
    fn: async (context) => {
      const { store, cleanup } = await open();
      try {
        for (const [index, [sentence, prove]] of Object.entries(sentences).entries()) {
          const reason = traits.brokenByServer?.[sentence];
          await context.step({
            name: reason === undefined ? sentence : `${sentence} (not here: ${reason})`,
            ignore: reason !== undefined,
            fn: () => prove({ store, folder: `t${index}`, traits }),
          });
        }
      } finally {
        await store[Symbol.asyncDispose]();
        await cleanup();
      }
    },
  });
}

const sentences: Record<string, (bench: Bench) => Promise<void>> = {
  "folders gives the folders directly in one, and nothing else": async ({ store, folder }) => {
    for (const name of ["a/1", "a/2", "b/c/3", "plain", "ab/4"]) {
      await store.put(`${folder}/${name}`, text("x"));
    }
    assert.deepEqual(await foldersIn(store, `${folder}/`), ["a", "ab", "b"]);
    assert.deepEqual(await foldersIn(store, `${folder}/b/`), ["c"]);
    assert.deepEqual(await foldersIn(store, `${folder}/none/`), []);
  },

  "get of a whole object that has more bytes than maxBytes is CorruptionError": async ({ store, folder }) => {
    await store.put(`${folder}/large`, text("0123456789"));
    assert.equal((await store.get(`${folder}/large`, { maxBytes: 10 })).length, 10);
    await assert.rejects(store.get(`${folder}/large`, { maxBytes: 9 }), CorruptionError);
    const range = { offset: 1, length: 3 };
    assert.equal((await store.get(`${folder}/large`, { maxBytes: 9, range })).length, 3);
  },

  "a part of a store has the names below its folder": async ({ store, folder }) => {
    const part = within(store, `${folder}/part/`);
    await part.put("x/1", text("x"));
    assert.deepEqual((await Array.fromAsync(part.list("x/"))).map(({ name }) => name), ["x/1"]);
    assert.equal(await store.size(`${folder}/part/x/1`), 1);
    assert.deepEqual(await foldersIn(part, ""), ["x"]);
    await part.remove("x/1");
    assert.equal(await part.size("x/1"), undefined);
  },

  "location names the store": ({ store }) => {
    assert.match(store.location, /^[a-z0-9]+:/);
    return Promise.resolve();
  },

  "get() gives the bytes that put() took": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("hello"));
    assert.deepEqual(await store.get(`${folder}/a`), text("hello"));
  },

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

  "get() gives a buffer of exactly the object's size": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("hello"));
    assert.equal((await store.get(`${folder}/a`)).buffer.byteLength, 5);
  },

  "an object of 0 bytes is an object": async ({ store, folder }) => {
    await store.put(`${folder}/empty`, new Uint8Array(0), { sha256: sha256(new Uint8Array(0)) });
    assert.equal(await store.size(`${folder}/empty`), 0);
    assert.deepEqual(await store.get(`${folder}/empty`), new Uint8Array(0));
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/empty`]);
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
    if (traits.createOnly === "ignored") return await second;
    await assert.rejects(second, ExistsError);
    assert.deepEqual(await store.get(`${folder}/a`), text("one"));
  },

  "of several put() with createOnly at once exactly one wins, where the store can": async (bench) => {
    const { store, folder, traits } = bench;
    const puts = Array.from(
      { length: 8 },
      (_, i) => store.put(`${folder}/a`, text(`writer ${i}`), { createOnly: true }),
    );
    const results = await Promise.allSettled(puts);
    if (traits.createOnly !== "atomic") return;
    const winners = results.flatMap((result, i) => result.status === "fulfilled" ? [i] : []);
    assert.equal(winners.length, 1);
    for (const result of results) {
      if (result.status === "rejected") assert(result.reason instanceof ExistsError);
    }
    assert.deepEqual(await store.get(`${folder}/a`), text(`writer ${winners[0]}`));
  },

  "put() with a wrong sha256 stores nothing, where the store checks": async ({ store, folder, traits }) => {
    if (!traits.checksHashes) return;
    for (const size of [5, (1 << 20) + 1]) {
      const put = store.put(`${folder}/${size}`, noise(size), { sha256: "0".repeat(64) });
      await assert.rejects(put, CorruptionError);
      assert.equal(await store.size(`${folder}/${size}`), undefined);
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
    for (const [offset, length] of [[0, 11], [9, 2], [10, 1], [11, 1], [1000, 1000]]) {
      const get = store.get(`${folder}/a`, { range: { offset, length } });
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

  "list() gives name, size and time": async ({ store, folder }) => {
    const before = Date.now();
    await store.put(`${folder}/a`, text("12345"));
    const [info] = await collect(store.list(`${folder}/`));
    assert.equal(info.name, `${folder}/a`);
    assert.equal(info.size, 5);
    assert(Math.abs(info.modified.getTime() - before) < 60_000);
  },

  "list() is in name order, also where names differ at a slash": async ({ store, folder }) => {
    const names = [
      "a",
      "a+b",
      "a-b",
      "a.b/c",
      "a0",
      "b/a",
      "b/c/d",
      "b/c.d",
      "b/c0",
      "b-",
      "B",
      "Z/z",
      "_",
      "@",
    ]
      .map((name) => `${folder}/${name}`);
    for (const name of names) await store.put(name, text("x"));
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [...names].sort());
  },

  "list() gives what begins with the prefix, which may end within a segment": async ({ store, folder }) => {
    const names = ["ab/1", "ab/2", "abc/1", "abd", "b/ab/1"];
    for (const name of names) await store.put(`${folder}/${name}`, text("x"));
    const table: [string, string[]][] = [
      ["", ["ab/1", "ab/2", "abc/1", "abd", "b/ab/1"]],
      ["a", ["ab/1", "ab/2", "abc/1", "abd"]],
      ["ab", ["ab/1", "ab/2", "abc/1", "abd"]],
      ["ab/", ["ab/1", "ab/2"]],
      ["ab/2", ["ab/2"]],
      ["ab/2/", []],
      ["none/", []],
      ["none/none", []],
    ];
    for (const [prefix, expected] of table) {
      const found = await namesOf(store.list(`${folder}/${prefix}`));
      assert.deepEqual(found, expected.map((name) => `${folder}/${name}`), `prefix "${prefix}"`);
    }
  },

  "list() of the empty prefix gives all objects": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("x"));
    assert((await namesOf(store.list(""))).includes(`${folder}/a`));
  },

  "list() gives more objects than fit in one answer": async ({ store, folder, traits }) => {
    const names = Array.from(
      { length: traits.manyObjects },
      (_, i) => `${folder}/${String(i).padStart(5, "0")}`,
    );
    const left = [...names];
    const write = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) await store.put(name, text(name));
    };
    await Promise.all(Array.from({ length: 8 }, write));
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), names);
  },

  "list() can be left early and begun again": async ({ store, folder }) => {
    for (const name of ["a", "b", "c"]) await store.put(`${folder}/${name}`, text("x"));
    for await (const { name } of store.list(`${folder}/`)) {
      assert.equal(name, `${folder}/a`);
      break;
    }
    assert.equal((await namesOf(store.list(`${folder}/`))).length, 3);
  },

  "remove() removes, and removing what is not there succeeds": async ({ store, folder }) => {
    await store.put(`${folder}/x/a`, text("x"));
    await store.put(`${folder}/x/b`, text("x"));
    await store.remove(`${folder}/x/a`);
    assert.equal(await store.size(`${folder}/x/a`), undefined);
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/x/b`]);
    await store.remove(`${folder}/x/a`);
    await store.remove(`${folder}/never/was`);
  },

  "what was removed can be put again": async ({ store, folder }) => {
    await store.put(`${folder}/x/a`, text("one"));
    await store.remove(`${folder}/x/a`);
    await store.put(`${folder}/x/a`, text("two"), { createOnly: true });
    assert.deepEqual(await store.get(`${folder}/x/a`), text("two"));
  },

  "a signal that fired ends each call with its reason": async ({ store, folder }) => {
    await store.put(`${folder}/a`, text("x"));
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    const isReason = (error: unknown) => error === reason;
    await assert.rejects(store.put(`${folder}/b`, text("x"), { signal }), isReason);
    await assert.rejects(store.get(`${folder}/a`, { signal }), isReason);
    await assert.rejects(store.size(`${folder}/a`, { signal }), isReason);
    await assert.rejects(collect(store.list(`${folder}/`, { signal })), isReason);
    await assert.rejects(store.remove(`${folder}/a`, { signal }), isReason);
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), [`${folder}/a`]);
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

  "names that are not plain paths are refused by each call": async ({ store }) => {
    const bad = [
      "",
      "/",
      "/a",
      "a/",
      "a//b",
      ".",
      "..",
      "a/../b",
      "./a",
      "a/.",
      "a b",
      "ä",
      "a\\b",
      "a\0",
      "a~",
      "a%20",
    ];
    for (const name of bad) {
      const isRefusal = (error: Error) =>
        error.name === "Error" && error.message.includes("as an object name");
      await assert.rejects(store.put(name, text("x")), isRefusal, name);
      await assert.rejects(store.get(name), isRefusal, name);
      await assert.rejects(store.size(name), isRefusal, name);
      await assert.rejects(store.remove(name), isRefusal, name);
    }
    for (const prefix of ["/", "a//", "../", "a/../", "a b"]) {
      await assert.rejects(collect(store.list(prefix)), /not the beginning of an object name/, prefix);
    }
  },

  "all characters that names may have come back": async ({ store, folder }) => {
    const name = `${folder}/AZaz09._:=@+-/..a/a../.a/=`;
    await store.put(name, text("x"));
    assert.deepEqual(await store.get(name), text("x"));
    assert.equal(await store.size(name), 1);
    assert.deepEqual(await namesOf(store.list(`${folder}/AZaz09._:=@+-/`)), [name]);
    await store.remove(name);
    assert.equal(await store.size(name), undefined);
  },
};

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes that look random and are the same each time. */
export function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = length + 1;
  for (let i = 0; i < words.length; i++) words[i] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return new Uint8Array(words.buffer, 0, length);
}

export async function collect(objects: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const object of objects) found.push(object);
  return found;
}

export async function namesOf(objects: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await collect(objects)).map((object) => object.name);
}
