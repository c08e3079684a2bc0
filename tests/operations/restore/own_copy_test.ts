import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { lastCopies } from "../../../src/index/known_snapshots.ts";
import type { Tools } from "../../../src/read/tools.ts";
import { resolveSnapshot } from "../../../src/read/resolve.ts";
import { restore } from "../../../src/operations/restore/restore.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { GetOptions } from "../../../src/store/store.ts";
import { assertSameTree, KEYS, Machine } from "../machine.ts";

class WatchedStore extends MemoryStore {
  readonly names: string[] = [];

  override get(name: string, options?: GetOptions): Promise<Uint8Array> {
    this.names.push(name);
    return super.get(name, options);
  }
}

/** Restores the latest snapshot with what `ownCopy` gives; what was fetched of its metadata. */
async function metadataFetched(
  machine: Machine & { root: WatchedStore },
  ownCopy: Tools["ownCopy"],
): Promise<string[]> {
  machine.root.names.length = 0;
  const { id: snapshotId, manifest, tools } = await resolveSnapshot(machine.rootTools({ ownCopy }), "latest");
  const target = await Deno.makeTempDir({ dir: machine.directory });
  const options = { snapshotId, manifest, target, paths: [], identities: [KEYS.identity], writers: 1 };
  const { damaged, failed } = await restore(tools, options);
  assert.deepEqual([damaged, failed], [[], []]);
  await assertSameTree(target + machine.data, machine.data);
  return machine.root.names.filter((name) => name.includes("/snapshots/")).map((name) =>
    name.split("/").at(-1)!
  );
}

Deno.test("of a snapshot that this machine has made neither manifest nor snapshot is fetched; a copy that is damaged is not used", async () => {
  await using machine = await Machine.make({}, new WatchedStore()) as Machine & { root: WatchedStore };
  machine.write("file");
  const { id } = await machine.backUp();
  const [copy] = atLeast(1, lastCopies(machine.options.indexPath));
  assert.equal(copy.id, id);
  const damaged = (bytes: Uint8Array) => bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1);
  const both = ["manifest.json.zst", "snapshot.json.zst.age"];
  for (
    const [ownCopy, fetched] of [
      [undefined, both],
      [() => undefined, both],
      [() => copy, []],
      [() => ({ ...copy, manifest: damaged(copy.manifest) }), both.slice(0, 1)],
      [() => ({ ...copy, manifest: copy.manifest.slice(1) }), both.slice(0, 1)],
      [() => ({ ...copy, sealed: damaged(copy.sealed) }), both.slice(1)],
    ] as const
  ) assert.deepEqual(await metadataFetched(machine, ownCopy), fetched);
});
