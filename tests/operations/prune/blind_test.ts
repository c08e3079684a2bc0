import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { sha256Hex } from "../../../src/base/digest.ts";
import { encodeRecord, recordName } from "../../../src/model/prune_record.ts";
import { blobName, hostPrefix } from "../../../src/model/names.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { readManifest } from "../../../src/read/snapshots.ts";
import type { GetOptions } from "../../../src/store/store.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { Machine } from "../machine.ts";

const EARLY = new Date("2025-01-01T00:00:00Z");
const LATE = new Date("2025-01-01T00:00:01Z");

/** Writes a record that marks `blobs`; its name. */
async function mark(machine: Machine, blobs: readonly string[], time: Date): Promise<string> {
  const bytes = new TextEncoder().encode(encodeRecord({ pages: [], blobs, lists: [] }));
  const name = recordName(time, sha256Hex(bytes));
  await machine.store.put(name, bytes);
  return name;
}

async function dataBlobs(machine: Machine, id: string) {
  const manifest = await readManifest(machine.tools(), id);
  const all = await new BlobLists(machine.tools()).all(manifest);
  return { manifest, blobs: all.flatMap(([kind, id]) => kind === "blobs" ? [id] : []) };
}

Deno.test("a run that cannot read one record names nothing of what the others mark", async () => {
  await using machine = await Machine.make();
  machine.write("file", "contents");
  const { blobs: marked } = await dataBlobs(machine, (await machine.backUp()).id);
  const damaged = await mark(machine, [], EARLY);
  await machine.tamper(damaged, (bytes) => bytes.slice(1));
  await mark(machine, marked, LATE);
  const { manifest, blobs } = await dataBlobs(machine, (await machine.backUp()).id);
  assert.deepEqual([manifest.blind, marked.filter((id) => blobs.includes(id))], [true, []]);
  assert.equal((await machine.objects("blobs/")).length, 2);
});

/** A store in which an object goes when it is asked for. */
class VanishingStore extends MemoryStore {
  vanishes = "";

  override async get(name: string, options?: GetOptions): Promise<Uint8Array> {
    if (name === this.vanishes) await this.remove(name);
    return await super.get(name, options);
  }
}

Deno.test("what a record marks is not named, although another record goes while they are read", async () => {
  const store = new VanishingStore();
  await using machine = await Machine.make({}, store);
  machine.write("file", "contents");
  const { blobs: marked } = await dataBlobs(machine, (await machine.backUp()).id);
  await mark(machine, marked, EARLY);
  store.vanishes = hostPrefix(machine.host) + await mark(machine, [], LATE);
  const { manifest, blobs } = await dataBlobs(machine, (await machine.backUp()).id);
  assert.deepEqual([manifest.blind, marked.filter((id) => blobs.includes(id))], [undefined, []]);
  await machine.store.remove(blobName("blobs", marked[0]!));
  assert.deepEqual((await machine.verify({ id: manifest.id })).problems, []);
});
