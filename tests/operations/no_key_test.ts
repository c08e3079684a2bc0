import assert from "node:assert/strict";
import { hostPrefix } from "../../src/model/names.ts";
import { within } from "../../src/store/within.ts";
import { RefusedError } from "../../src/base/errors.ts";
import { backUp } from "../../src/operations/backup/backup.ts";
import { listSnapshots } from "../../src/read/snapshots.ts";
import { storeInfo } from "../../src/operations/store_info.ts";
import { verifySnapshots } from "../../src/operations/verify/verify.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { Machine } from "./machine.ts";

/** A store whose credentials may not read what backups hold: only manifests may be fetched. */
export function withoutReading(store: ObjectStore): ObjectStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "get") return typeof value === "function" ? value.bind(target) : value;
      return (object: string, options: object) =>
        object.endsWith("/manifest.json.zst")
          ? target.get(object, options)
          : Promise.reject(new RefusedError(`Cannot read "${object}": access denied`));
    },
  });
}

Deno.test("backups, lists and quick verifications need no key and may not read what is in the store", async () => {
  await using machine = await Machine.make();
  const root = withoutReading(machine.root);
  const store = within(root, hostPrefix(machine.host));
  const tools = () => machine.tools({ store });
  const rootTools = () => machine.rootTools({ store: root });
  machine.write("file");
  const first = await backUp(rootTools(), machine.options);
  await assert.rejects(store.get((await machine.objects("blobs/"))[0]!), RefusedError);
  machine.write("file", "changed");
  machine.write("more");
  const second = await backUp(rootTools(), machine.options);
  assert.deepEqual((await listSnapshots(tools())).map(({ id }) => id), [first.id, second.id]);
  assert.equal((await storeInfo(rootTools())).snapshots, 2);
  const verified = await verifySnapshots(tools(), { snapshotIds: [], readers: 1 });
  assert.deepEqual([verified.problems, verified.snapshots], [[], [first.id, second.id]]);
});
