import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { randomBytes } from "../../chunk/random.ts";
import { readEntries } from "../forge.ts";
import { Machine } from "../machine.ts";
import { blobName } from "../../../src/model/names.ts";

// What is there is not given up for what turns out to be lost.

/** A file of one chunk, one of several blobs, and one whose chunks are in lists; restored, and changed since. */
async function changed() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 20 });
  machine.write("small", "contents");
  machine.write("medium", randomBytes(1, 200_000));
  machine.write("large", randomBytes(2, 3_000_000));
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  for (const name of NAMES) {
    using file = Deno.openSync(`${data}/${name}`, { write: true });
    file.writeSync(new TextEncoder().encode("since"));
  }
  const contents = () => NAMES.map((name) => Deno.readFileSync(`${data}/${name}`));
  return { machine, backup, target, contents };
}

const NAMES = ["small", "medium", "large"];

Deno.test("a file that differs stays as it is where nothing of its contents in the snapshot can be had", async () => {
  const { machine, backup, target, contents } = await changed();
  await using _ = machine;
  for (const name of await machine.objects("blobs/")) await machine.store.remove(name);
  const before = contents();
  const { damaged } = await machine.restore(backup, { target, overwrite: "if-changed" });
  assert.deepEqual(
    damaged.map(({ path }) => path).sort(),
    NAMES.map((name) => `${machine.data}/${name}`).sort(),
  );
  for (const { reason } of damaged) assert.match(reason, /; the file that was there is as it was$/);
  assert.deepEqual(contents(), before);
});

Deno.test("a file of which a part was written, and another is lost, does not stay", async () => {
  const { machine, backup, target } = await changed();
  await using _ = machine;
  const [original, restored] = [`${machine.data}/large`, `${target}${machine.data}/large`];
  const outcomes = new Set<string>();
  for (const name of await machine.objects("blobs/")) {
    Deno.copyFileSync(original, restored);
    using file = Deno.openSync(restored, { write: true });
    for (const offset of [0, 2_900_000]) {
      file.seekSync(offset, Deno.SeekMode.Start);
      file.writeSync(new TextEncoder().encode("since"));
    }
    const blob = await machine.store.get(name);
    await machine.store.remove(name);
    const { damaged } = await machine.restore(backup, { target, overwrite: "if-changed" });
    await machine.store.put(name, blob);
    if (damaged.some(({ path }) => path === original)) {
      assert.throws(() => Deno.statSync(restored), Deno.errors.NotFound);
      outcomes.add("gone");
    } else {
      assert.deepEqual(Deno.readFileSync(restored), Deno.readFileSync(original));
      outcomes.add("right");
    }
  }
  assert.deepEqual(outcomes, new Set(["gone", "right"]));
});

Deno.test("a file that an interrupted restore has left does not stay where its contents are lost", async () => {
  const { machine, backup, target } = await changed();
  await using _ = machine;
  const pages = await readEntries(machine, backup);
  const medium = pages.flatMap(({ entries }) => entries).find(({ path }) => path.endsWith("/medium"))!;
  await machine.store.remove(blobName("blobs", medium.chunks![0]!.blob));
  Deno.writeTextFileSync(
    `${target}/.vaultik-restore`,
    `${JSON.stringify({ snapshot: backup.id, paths: [] })}\nboot\n`,
  );
  const { damaged } = await machine.restore(backup, { target });
  assert.ok(damaged.some(({ path }) => path === medium.path));
  for (const { path, reason } of damaged) {
    assert.doesNotMatch(reason, /as it was/);
    assert.throws(() => Deno.statSync(target + path), Deno.errors.NotFound);
  }
});
