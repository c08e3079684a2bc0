import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { manifestName } from "../../../src/model/names.ts";
import { repair } from "../../../src/operations/repair/repair.ts";
import { randomBytes } from "../../chunk/random.ts";
import { DAY, Pruned } from "../prune/clocked.ts";

Deno.test("a repair puts no manifest back over the void of a prune that has deleted what it needs", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  machine.write("file", randomBytes(1, 50_000));
  await pruned.backUp({ name: "other" });
  machine.write("file", randomBytes(2, 50_000));
  const { id } = await pruned.backUp();
  machine.write("file", randomBytes(3, 50_000));
  await pruned.backUp({ name: "other" });
  await machine.store.remove(manifestName(id));
  const onPlan = async () => {
    for (let run = 0; run < 2; run++) {
      clock.pass(2 * DAY);
      await pruned.prune();
    }
  };
  let pruning: Promise<void> | undefined;
  const { get } = machine.root;
  // It takes days to read all that there is.
  machine.root.get = async (name, options) => {
    if (name.includes("/blobs/")) await (pruning ??= onPlan());
    return await get.call(machine.root, name, options);
  };
  const options = { backups: [machine.options], deep: true, readers: 1, dryRun: false };
  const { healed, left } = await repair(machine.rootTools({ now: clock.now }), options);
  assert.ok(pruning !== undefined);
  assert.deepEqual((await machine.verifyQuick()).problems, []);
  assert.deepEqual([healed, left.map(({ object }) => object)], [[], [manifestName(id)]]);
});
