import assert from "node:assert/strict";
import { RefusedError } from "../../src/base/errors.ts";
import { README_NAME, RECOVER_PAGE_NAME } from "../../src/model/names.ts";
import { STORE_README } from "../../src/model/readme_text.ts";
import { explainStore } from "../../src/operations/explain_store.ts";
import type { Event } from "../../src/report/events.ts";
import { CountingStore } from "../../src/store/counting.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { ObjectStore } from "../../src/store/store.ts";

class OwnDirectoryOnly extends MemoryStore {
  override put(): Promise<void> {
    return Promise.reject(new RefusedError("not yours"));
  }
}

async function explain(store: ObjectStore, page: string | undefined): Promise<Event[]> {
  const events: Event[] = [];
  const report = (event: Event) => void events.push(event);
  const signal = new AbortController().signal;
  await explainStore({ store, signal, report, now: () => new Date(0) }, page);
  return events;
}

async function contents(store: MemoryStore): Promise<[string, string][]> {
  const names = (await Array.fromAsync(store.list(""))).map(({ name }) => name);
  return await Promise.all(
    names.map(async (name): Promise<[string, string]> => [
      name,
      new TextDecoder().decode(await store.get(name)),
    ]),
  );
}

Deno.test("a store is explained by a text and, where there is one, a page", async () => {
  for (const page of [undefined, "<html>"]) {
    const store = new MemoryStore();
    assert.deepEqual(await explain(store, page), []);
    const wanted = page === undefined ? [] : [[RECOVER_PAGE_NAME, page]];
    assert.deepEqual(await contents(store), [[README_NAME, STORE_README], ...wanted]);
  }
});

Deno.test("what explains a store already stays", async () => {
  const store = new MemoryStore();
  await store.put(README_NAME, new TextEncoder().encode("older"));
  await explain(store, "<html>");
  assert.deepEqual(await contents(store), [[README_NAME, "older"], [RECOVER_PAGE_NAME, "<html>"]]);
});

Deno.test("a new store is not looked into before it is explained, and one that has the page is not sent it", async () => {
  const store = new CountingStore(new MemoryStore());
  await explain(store, "<html>");
  assert.deepEqual([store.counts.put.calls, store.counts.size.calls], [2, 0]);
  await explain(store, "<html>");
  assert.deepEqual([store.counts.put.calls, store.counts.size.calls], [3, 1]);
});

Deno.test("credentials that reach the host's directory only may not explain the store, which is said once", async () => {
  const events = await explain(new OwnDirectoryOnly(), "<html>");
  assert.deepEqual(events.map(({ kind }) => kind), ["note"]);
});
