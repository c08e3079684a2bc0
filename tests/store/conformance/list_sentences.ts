import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { foldersIn } from "../../../src/store/store.ts";
import { within } from "../../../src/store/within.ts";
import { collect, namesOf, text } from "../objects.ts";
import type { Sentences } from "./bench.ts";

/** The contract of `ObjectStore`: what is listed. */
export const LIST_SENTENCES: Sentences = {
  "folders gives the folders directly in one, and nothing else": async ({ store, folder }) => {
    for (const name of ["a/1", "a/2", "b/c/3", "plain", "ab/4"]) {
      await store.put(`${folder}/${name}`, text("x"));
    }
    assert.deepEqual(await foldersIn(store, `${folder}/`), ["a", "ab", "b"]);
    assert.deepEqual(await foldersIn(store, `${folder}/b/`), ["c"]);
    assert.deepEqual(await foldersIn(store, `${folder}/none/`), []);
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

  "list() gives name, size and time": async ({ store, folder }) => {
    const before = Date.now();
    await store.put(`${folder}/a`, text("12345"));
    const [info] = atLeast(1, await collect(store.list(`${folder}/`)));
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
};
