import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { Index } from "../../src/index/index.ts";
import { rebuildIndex } from "../../src/operations/rebuild_index.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { ANNOUNCED } from "../../src/write/announce_host.ts";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, KEYS, Machine } from "./machine.ts";

const ADDED = await generateKeyPair({ postQuantum: false });

/** The index is lost and made again, by a configuration with these recipients. */
async function rebuild(machine: Machine, recipients: readonly string[], identities = [KEYS.identity]) {
  const { indexPath, hostname } = machine.options;
  Deno.removeSync(indexPath);
  return await rebuildIndex(machine.rootTools(), { indexPath, host: hostname, identities, recipients });
}

for (
  const [what, before] of [["before", [ADDED.recipient]], ["after", [KEYS.recipient]]] as const
) {
  Deno.test(`a key that takes the place of another one ${what} a rebuild opens all of the next snapshot`, async () => {
    await using machine = await Machine.make();
    machine.write("file", randomBytes(1, 100_000));
    await machine.backUp();
    await rebuild(machine, before);
    const next = await machine.backUp({ recipients: [ADDED.recipient] });
    assert.match(machine.texts("warning").join(), /age_recipients has 1 that could not open the \d+ blobs/);
    const restored = await machine.restore(next, { identities: [ADDED.identity] });
    assert.deepEqual(restored.damaged, []);
    await assertSameTree(restored.data, machine.data);
  });
}

Deno.test("a rebuilt index names nothing that was stored before a recipient was added", async () => {
  await using machine = await Machine.make();
  const recipients = [KEYS.recipient, ADDED.recipient];
  machine.write("kept", randomBytes(1, 100_000));
  machine.write("comes-back", randomBytes(2, 100_000));
  await machine.backUp();
  Deno.removeSync(`${machine.data}/comes-back`);
  await machine.backUp({ recipients });
  assert.equal((await rebuild(machine, recipients)).snapshots, 1);
  const quiet = await machine.backUp({ recipients });
  assert.equal(quiet.bytesNew, 0);
  machine.write("comes-back", randomBytes(2, 100_000));
  const next = await machine.backUp({ recipients });
  const restored = await machine.restore(next, { identities: [ADDED.identity] });
  assert.deepEqual(restored.damaged, []);
  await assertSameTree(restored.data, machine.data);
});

Deno.test("keys that an older program has sealed are sealed once more, so that they tell the recipients", async () => {
  await using machine = await Machine.make();
  const { indexPath, hostname, recipients } = machine.options;
  machine.write("file");
  await machine.backUp();
  {
    using index = new Index(indexPath);
    index.set(ANNOUNCED, JSON.stringify({ store: machine.store.location, hostname, recipients }));
  }
  for (let run = 0; run < 2; run++) await machine.backUp();
  assert.equal((await machine.objects("keys/")).length, 2);
  assert.deepEqual(machine.texts("warning"), []);
});

Deno.test("after a change of keys the new one alone rebuilds the index", async () => {
  await using machine = await Machine.make();
  const recipients = [ADDED.recipient];
  machine.write("file", randomBytes(1, 100_000));
  await machine.backUp();
  await machine.backUp({ recipients });
  assert.equal((await rebuild(machine, recipients, [ADDED.identity])).snapshots, 1);
  assert.equal((await machine.backUp({ recipients })).bytesNew, 0);
});
