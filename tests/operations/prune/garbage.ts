import assert from "node:assert/strict";
import { splitHostName } from "../../../src/model/names.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { readManifest } from "../../../src/read/snapshots.ts";
import type { MemoryStore } from "../../../src/store/memory.ts";
import type { PutOptions } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { Pruned } from "./clocked.ts";

/** Two snapshots, each with a blob that the other does not need; the first is removed. */
export async function withGarbage(): Promise<{ pruned: Pruned; kept: { id: string }; garbage: number }> {
  const pruned = await Pruned.make();
  pruned.machine.write("a", randomBytes(1, 100_000));
  const first = await pruned.backUp();
  pruned.machine.write("a", randomBytes(2, 100_000));
  const kept = await pruned.backUp();
  await pruned.remove(first);
  const tools = pruned.tools();
  const needed = await new BlobLists(tools).all(await readManifest(tools, kept.id));
  const objects = [...await pruned.machine.objects("blobs/"), ...await pruned.machine.objects("pages/")];
  // A blob of data, and one of pages, unless by its random name the directory ends a page that both have.
  const garbage = objects.length - needed.length;
  assert.ok(garbage === 1 || garbage === 2, `${garbage}`);
  return { pruned, kept, garbage };
}

/** `store`, which several hosts may share, and `after` each put that came from the run, with the name within the host's directory. */
export function watched(store: MemoryStore | object, after: (name: string) => Promise<void>): MemoryStore {
  const inner = store as MemoryStore;
  return Object.create(inner, {
    location: { value: inner.location },
    size: { value: inner.size.bind(inner) },
    get: { value: inner.get.bind(inner) },
    list: { value: inner.list.bind(inner) },
    remove: { value: inner.remove.bind(inner) },
    put: {
      value: async (name: string, bytes: Uint8Array, options?: PutOptions) => {
        await inner.put(name, bytes, options);
        await after(splitHostName(name)!.rest);
      },
    },
  }) as MemoryStore;
}
