import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { ArchivedError } from "../../src/base/errors.ts";
import { splitHostName } from "../../src/model/names.ts";
import { planRestore } from "../../src/operations/restore/plan.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type {
  AskBackOptions,
  ByteRange,
  CallOptions,
  ColdStorage,
  ObjectInfo,
  Temperature,
} from "../../src/store/store.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, KEYS, Machine } from "../operations/machine.ts";

/** A store whose `blobs/` (and `pages/`, if so wanted) are in Glacier; what is asked back is there when it was looked for twice. */
class ColdStore extends MemoryStore {
  coldPrefixes = ["blobs/"];
  readonly asked = new Map<string, AskBackOptions>();
  readonly #looks = new Map<string, number>();

  readonly cold: ColdStorage = {
    temperature: (name) => Promise.resolve(this.#look(name)),
    askBack: (name, options) => {
      this.asked.set(name, options);
      return Promise.resolve();
    },
  };

  override get(name: string, options?: CallOptions & { readonly range?: ByteRange }): Promise<Uint8Array> {
    const isReadable = !this.#isCold(name) || (this.#looks.get(name) ?? 0) >= 2;
    return isReadable
      ? super.get(name, options)
      : Promise.reject(new ArchivedError(`Cannot read "${name}": cold`));
  }

  override async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    for await (const info of super.list(prefix, options)) {
      yield { ...info, storageClass: this.#isCold(info.name) ? "GLACIER" : "STANDARD" };
    }
  }

  #isCold(name: string): boolean {
    return this.coldPrefixes.some((prefix) => splitHostName(name)!.rest.startsWith(prefix));
  }

  #look(name: string): Temperature {
    if (!this.#isCold(name)) return "warm";
    if (!this.asked.has(name)) return "cold";
    const looks = (this.#looks.get(name) ?? 0) + 1;
    this.#looks.set(name, looks);
    return looks >= 2 ? "warm" : "warming";
  }
}

/** Names, in the directory of the host, of what was asked back. */
function askedWithin(store: ColdStore): string[] {
  return [...store.asked.keys()].map((name) => splitHostName(name)!.rest);
}

const THAW = { speed: "bulk", days: 3, pollMs: 1 } as const;

async function backedUp(): Promise<{ machine: Machine; store: ColdStore; backup: { readonly id: string } }> {
  const store = new ColdStore();
  const machine = await Machine.make({ blobSizeBytes: 1 << 19 }, store);
  for (let i = 0; i < 10; i++) machine.write(`d${i}/file`, randomBytes(i, 400_000));
  return { machine, store, backup: await machine.backUp() };
}

Deno.test("a restore that meets cold storage says so, unless it may ask", async () => {
  const { machine, store, backup } = await backedUp();
  await using _ = machine;
  await assert.rejects(machine.restore(backup), ArchivedError);
  assert.equal(store.asked.size, 0);
});

Deno.test("a restore asks back all that it needs at once, waits, and goes on", async () => {
  const { machine, store, backup } = await backedUp();
  await using _ = machine;
  const restored = await machine.restore(backup, { thaw: THAW });
  await assertSameTree(restored.data, machine.data);
  assert.deepEqual(askedWithin(store).sort(), (await machine.objects("blobs/")).sort());
  const [{ speed, days }] = atLeast(1, [...store.asked.values()]);
  assert.deepEqual([speed, days], ["bulk", 3]);
  assert.equal(machine.texts("note").filter((text) => /asked back from cold storage/.test(text)).length, 1);
});

Deno.test("a restore of some paths asks for the blobs of those alone, and pages may be cold too", async () => {
  const { machine, store, backup } = await backedUp();
  await using _ = machine;
  store.coldPrefixes = ["blobs/", "pages/"];
  const restored = await machine.restore(backup, { thaw: THAW, paths: [`${machine.data}/d1`] });
  assert.equal(restored.files, 1);
  const asked = askedWithin(store).filter((name) => name.startsWith("blobs/"));
  assert.ok(asked.length >= 1 && asked.length < (await machine.objects("blobs/")).length, `${asked.length}`);
});

Deno.test("planRestore() tells what a restore takes, and touches neither target nor cold storage", async () => {
  const { machine, store, backup } = await backedUp();
  await using _ = machine;
  const options = {
    snapshotId: backup.id,
    target: `${machine.directory}/none`,
    paths: [],
    identities: [KEYS.identity],
    writers: 1,
  };
  const all = await planRestore(machine.tools(), options);
  const blobs = await Array.fromAsync(machine.store.list("blobs/"));
  assert.deepEqual([all.files, all.bytes, all.objects], [10, 4_000_000, blobs.length]);
  assert.equal(all.storedBytes, blobs.reduce((sum, { size }) => sum + size, 0));
  assert.deepEqual(all.classes, [{ storageClass: "GLACIER", objects: blobs.length, bytes: all.storedBytes }]);
  assert.ok(all.isCold);
  assert.deepEqual(all.retrievals.map(({ speed }) => speed), ["bulk", "standard", "expedited"]);
  const some = await planRestore(machine.tools(), { ...options, paths: [`${machine.data}/d2/file`] });
  assert.deepEqual([some.files, some.bytes], [1, 400_000]);
  assert.ok(some.objects < all.objects, `${some.objects} of ${all.objects}`);
  assert.equal(store.asked.size, 0);
  assert.throws(() => Deno.statSync(options.target));
});
