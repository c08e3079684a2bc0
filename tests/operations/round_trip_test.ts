import assert from "node:assert/strict";
import { makeTree } from "../fixtures/tree.ts";
import { assertSameTree, Machine } from "./machine.ts";

for (const chunkSizeBytes of [4096, 1 << 20]) {
  Deno.test(`a nasty tree comes back as it was, in chunks of ${chunkSizeBytes} bytes on average`, async () => {
    await using machine = await Machine.make({ chunkSizeBytes, readers: 2 });
    Deno.removeSync(machine.data);
    await makeTree(machine.data, { smallFiles: 60 });
    const backup = await machine.backUp();
    assert.deepEqual([backup.unreadable, backup.changedWhileRead, backup.incomplete], [[], 0, false]);
    assert.deepEqual((await machine.verify(backup)).problems, []);
    const restored = await machine.restore(backup, { writers: 2 });
    assert.deepEqual(restored.damaged, []);
    assert.deepEqual([restored.files, restored.others], [backup.files, backup.others]);
    assert.equal(restored.directories, backup.directories);
    await assertSameTree(restored.data, machine.data);
  });
}
