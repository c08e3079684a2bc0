import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { RefusedError, UnavailableError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { retrying } from "../../src/store/retrying.ts";
import type { CallOptions, ObjectInfo, ObjectStore, PutOptions } from "../../src/store/store.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, Machine } from "./machine.ts";

interface Rights {
  readonly list: boolean;
}

/** What credentials see that may add objects, perhaps list them, and nothing else. */
class AddOnlyStore implements ObjectStore {
  readonly location: string;
  readonly #store: ObjectStore;
  readonly #rights: Rights;
  /** Verbs that were refused. */
  readonly refused: string[] = [];
  afterPut: (name: string) => void = () => {};

  constructor(store: ObjectStore, rights: Rights, location = store.location) {
    this.location = location;
    this.#store = store;
    this.#rights = rights;
  }

  async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    assert.equal(options?.createOnly, true, `${name} is put create-only`);
    await this.#store.put(name, bytes, options);
    this.afterPut(name);
  }
  get(): Promise<Uint8Array> {
    return this.#refuse("get");
  }
  size(): Promise<number | undefined> {
    return this.#refuse("size");
  }
  async *list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo> {
    if (!this.#rights.list) await this.#refuse("list");
    yield* this.#store.list(prefix, options);
  }
  remove(): Promise<void> {
    return this.#refuse("remove");
  }
  async [Symbol.asyncDispose](): Promise<void> {}

  #refuse(verb: string): Promise<never> {
    this.refused.push(verb);
    return Promise.reject(new RefusedError(`Cannot ${verb}: refused`));
  }
}

for (const rights of [{ list: true }, { list: false }]) {
  const may = `credentials that may add ${rights.list ? "and list" : "only"}`;

  Deno.test(`with ${may} backups go on from one another and restore`, async () => {
    await using machine = await Machine.make();
    const source = new AddOnlyStore(machine.root, rights);
    machine.write("a", randomBytes(1, 100_000));
    const first = await machine.backUp({}, { store: source });
    machine.write("b", randomBytes(2, 50_000));
    const second = await machine.backUp({}, { store: source });
    assert.deepEqual([first.bytesNew, second.bytesNew], [100_000, 50_000]);
    for (const backup of [first, second]) assert.deepEqual((await machine.verify(backup)).problems, []);
    await assertSameTree((await machine.restore(second)).data, machine.data);
    assert.deepEqual(source.refused, rights.list ? ["size"] : ["list", "size", "list"]);
    assert.equal(machine.texts("note").length, rights.list ? 0 : 2, "one a run");
    assert.deepEqual(machine.texts("warning"), []);
  });

  Deno.test(`with ${may} an upload that was cut off is ${rights.list ? "found" : "sent again"}`, async () => {
    await using machine = await Machine.make();
    const source = new AddOnlyStore(machine.root, rights);
    machine.write("a", randomBytes(1, 100_000));
    source.afterPut = (name) => {
      if (name.includes("/blobs/")) throw new UnavailableError("the answer was lost");
    };
    await assert.rejects(machine.backUp({}, { store: source }), UnavailableError);
    source.afterPut = () => {};
    const backup = await machine.backUp({}, { store: source });
    assert.equal(backup.bytesNew, rights.list ? 0 : 100_000);
    assert.deepEqual((await machine.verify(backup)).problems, []);
  });

  Deno.test(`with ${may} another store is filled again`, async () => {
    await using machine = await Machine.make();
    machine.write("a", randomBytes(1, 100_000));
    await machine.backUp();
    const other = new MemoryStore();
    const source = new AddOnlyStore(other, rights, "memory:other");
    const backup = await machine.backUp({}, { store: source });
    assert.equal(backup.bytesNew, 100_000);
    assert.match(
      machine.texts("warning").join(),
      /are not in memory:other\/hosts\/\w+: their files are stored again/,
    );
  });

  Deno.test(`with ${may} a manifest whose answer was lost is not overwritten`, async () => {
    await using machine = await Machine.make();
    const source = new AddOnlyStore(machine.root, rights);
    let lost = 0;
    source.afterPut = (name) => {
      if (name.endsWith("manifest.json.zst") && lost++ === 0) {
        throw new UnavailableError("the answer was lost");
      }
    };
    machine.write("a");
    const store = retrying(source, silent, { policy: { baseMs: 1 } });
    const backup = await machine.backUp({}, { store });
    assert.deepEqual((await machine.verify(backup)).problems, []);
    const ids = (await machine.objects("snapshots/")).filter((name) => name.endsWith("manifest.json.zst"));
    for (const name of ids) {
      assert.deepEqual((await machine.verify({ id: name.split("/")[1]! })).problems, []);
    }
  });
}

Deno.test("an index that is lost costs a source that can only add no more than the upload", async () => {
  await using machine = await Machine.make();
  const source = new AddOnlyStore(machine.root, { list: false });
  machine.write("a", randomBytes(1, 100_000));
  await machine.backUp({}, { store: source });
  Deno.removeSync(machine.options.indexPath);
  const backup = await machine.backUp({}, { store: source });
  assert.equal(backup.bytesNew, 100_000);
  assert.deepEqual((await machine.verify(backup)).problems, []);
});
