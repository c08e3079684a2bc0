import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { manifestName, snapshotName } from "../../src/model/names.ts";
import { onlyPath } from "../../src/model/path_pattern.ts";
import { openForBrowsing } from "../../src/operations/browse/open_snapshot.ts";
import { findVersions } from "../../src/operations/browse/versions.ts";
import { OpenedCache } from "../../src/read/opened_cache.ts";
import { decodeOpened } from "../../src/read/opened_encoding.ts";
import { sourceSets } from "../../src/read/source_sets.ts";
import type { Tools } from "../../src/read/tools.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { MetadataCache } from "../../src/store/metadata_cache.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { browserOf } from "../operations/browse/browsed.ts";
import { KEYS, Machine } from "../operations/machine.ts";

const stranger = await generateKeyPair({ postQuantum: false });

/** The same store, which remembers what was read of it. */
function watched(store: ObjectStore, read: string[]): ObjectStore {
  return new Proxy(store, {
    get(target, member) {
      const value = Reflect.get(target, member, target);
      if (typeof value !== "function") return value;
      return (...call: unknown[]) => {
        if (member === "get") read.push(call[0] as string);
        return value.apply(target, call);
      };
    },
  });
}

/** A machine whose file `a` has other contents in each of three snapshots, and what is asked about it. */
async function setUp(machine: Machine) {
  const path = `${machine.data}/a`;
  const ids: string[] = [];
  for (const contents of ["1", "22", "333"]) {
    machine.write("a", contents);
    ids.push((await machine.backUp()).id);
  }
  const cache = new MetadataCache(`${machine.directory}/cache`);
  /** Sizes of the versions that are found, and the objects that were read for it. */
  const ask = async (identity: string | string[] = KEYS.identity, change: Partial<Tools> = { cache }) => {
    const read: string[] = [];
    const tools = { ...machine.rootTools(), store: watched(machine.root, read), ...change };
    const opened = OpenedCache.of(tools, [identity].flat());
    const browser = { ...browserOf(machine), opened };
    const [set] = atLeast(1, await sourceSets({ ...tools, cache: undefined }, {}, undefined, opened));
    const heads = new Map(set.snapshots.map((head) => [head.id, head]));
    const open = (id: string) => openForBrowsing(browser, set.tools, id, heads.get(id));
    const wanted = { within: path, at: onlyPath(path), matches: () => true };
    const { versions, lost } = await findVersions([...heads.keys()], open, wanted);
    opened?.save();
    return { sizes: versions.map(({ entry }) => entry.size), read, lost: lost.map(({ message }) => message) };
  };
  const files = () => [...Deno.readDirSync(`${machine.directory}/cache/opened`)].map(({ name }) => name);
  return { ids, ask, files, cache };
}

Deno.test("a question that is asked again reads nothing but a listing, and finds the same", async () => {
  await using machine = await Machine.make();
  const { ask, ids } = await setUp(machine);
  const plain = await ask(KEYS.identity, { cache: undefined });
  const first = await ask();
  assert.deepEqual([first.sizes, first.lost], [[1, 2, 3], []]);
  assert.deepEqual(first.read, plain.read);
  assert.ok(ids.every((id) => first.read.some((name) => name.endsWith(snapshotName(id)))));
  assert.deepEqual(await ask(), { sizes: [1, 2, 3], read: [], lost: [] });
  machine.write("a", "4444");
  const { id } = await machine.backUp();
  const later = await ask();
  assert.deepEqual([later.sizes, later.lost], [[1, 2, 3, 4], []]);
  const snapshots = later.read.filter((name) => name.includes("/snapshots/"));
  assert.deepEqual(snapshots.map((name) => name.includes(id)), [true, true]);
});

Deno.test("what the store has no more, or has in another way, is not shown out of what is kept", async () => {
  await using machine = await Machine.make();
  const { ask, ids, cache, files } = await setUp(machine);
  await ask();
  const manifest = await machine.store.get(manifestName(ids[1]!));
  await machine.store.remove(manifestName(ids[1]!));
  assert.deepEqual(await ask(), { sizes: [1, 3], read: [], lost: [] });
  // Another object in its place is looked at, also one as long.
  await machine.store.put(manifestName(ids[1]!), manifest.with(manifest.length - 9, manifest.at(-9)! ^ 1));
  const forged = await ask();
  assert.deepEqual(forged.sizes, [1, 3]);
  assert.ok(forged.read.some((name) => name.endsWith(manifestName(ids[1]!))));
  // What is sealed is gone, and only its manifest is there.
  await machine.store.remove(snapshotName(ids[0]!));
  const lost = await ask();
  assert.deepEqual(lost.sizes, [3]);
  assert.match(lost.lost.join(), /missing/);
  // Nothing of what is gone stays on this machine, once something has changed.
  const kept = OpenedCache.of({ ...machine.rootTools(), cache }, [KEYS.identity])!.host(machine.host);
  const { snapshots } = decodeOpened(kept.encode())!;
  assert.ok(files().length === 1 && snapshots.every(({ id }) => id !== ids[1]));
});

Deno.test("what is kept is of no use to another identity, and rubbish in its place is as nothing", async () => {
  await using machine = await Machine.make();
  const { ask, files, cache } = await setUp(machine);
  await ask();
  const [name] = atLeast(1, files());
  const kept = cache.get("opened", name)!;
  assert.ok(!new TextDecoder("latin1").decode(kept).includes("vaultik_opened"));
  const other = OpenedCache.of({ ...machine.rootTools(), cache }, [stranger.identity])!;
  other.host(machine.host);
  for (
    const bytes of [
      kept.with(50, kept[50]! ^ 1),
      kept.subarray(0, 40),
      new Uint8Array(0),
      new Uint8Array(100),
    ]
  ) {
    cache.put("opened", name, bytes);
    const again = await ask();
    assert.deepEqual([again.sizes, again.lost], [[1, 2, 3], []]);
    assert.ok(again.read.length > 0);
  }
});

Deno.test("what several identities have opened together is theirs, in any order, and not that of one of them", async () => {
  await using machine = await Machine.make();
  const { ask } = await setUp(machine);
  const both = [KEYS.identity, stranger.identity];
  await ask(both);
  assert.deepEqual((await ask(both.toReversed())).read, []);
  const one = await ask();
  assert.deepEqual([one.sizes, one.lost], [[1, 2, 3], []]);
  assert.ok(one.read.length > 0);
});

Deno.test("identities that keep their secret to themselves have nothing kept for them", () => {
  const cache = new MetadataCache("/nowhere");
  const tools = { cache, store: { location: "here" } };
  const plugin = { unwrapFileKey: () => null };
  assert.equal(OpenedCache.of(tools, [plugin]), undefined);
  assert.equal(OpenedCache.of(tools, [KEYS.identity, plugin]), undefined);
  assert.equal(OpenedCache.of({ ...tools, cache: undefined }, [KEYS.identity]), undefined);
});
