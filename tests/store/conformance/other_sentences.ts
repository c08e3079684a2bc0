import assert from "node:assert/strict";
import { removeObjects } from "../../../src/store/remove_objects.ts";
import { collect, namesOf, text } from "../objects.ts";
import type { Sentences } from "./bench.ts";

/** The contract of `ObjectStore`: names, removal and signals. */
export const OTHER_SENTENCES: Sentences = {
  "location names the store": ({ store }) => {
    assert.match(store.location, /^[a-z0-9]+:/);
    return Promise.resolve();
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

  "removeObjects() removes what is there and what is not, and nothing else": async ({ store, folder }) => {
    const names = Array.from({ length: 30 }, (_, i) => `${folder}/x/${String(i).padStart(2, "0")}`);
    for (const name of names) await store.put(name, text(name));
    const others = [`${folder}/x/none`, `${folder}/never/was`];
    assert.deepEqual(await removeObjects(store, [...names.slice(1), ...others]), []);
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), names.slice(0, 1));
    await removeObjects(store, names);
    assert.deepEqual(await namesOf(store.list(`${folder}/`)), []);
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
