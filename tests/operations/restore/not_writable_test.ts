import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { readBack } from "../../../src/operations/restore/read_back.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, KEYS, Machine } from "../machine.ts";

// What is there already and must not be written to: by an ordinary user what is read-only, by everyone a program that runs.

const SMALL = "small";
/** Its chunks are in lists. */
const LARGE = "large";

/** Two files that only others may write to, and one after them; restored. */
async function restored() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10 });
  machine.write(SMALL, "contents");
  machine.write(LARGE, randomBytes(1, 1_700_000));
  for (const name of [SMALL, LARGE]) Deno.chmodSync(`${machine.data}/${name}`, 0o444);
  machine.write("other");
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  const back = () =>
    readBack(machine.tools(), {
      snapshotId: backup.id,
      ...{ target, paths: [], identities: [KEYS.identity], writers: 1 },
    });
  return { machine, backup, target, data, back };
}

function change(path: string): void {
  Deno.chmodSync(path, 0o644);
  using file = Deno.openSync(path, { write: true });
  file.writeSync(new TextEncoder().encode("X"));
  Deno.chmodSync(path, 0o444);
}

Deno.test("reading back reads files that their owner must not write to", async () => {
  const { machine, data, back } = await restored();
  await using _ = machine;
  assert.deepEqual(await back(), { differing: [], unread: [] });
  for (const name of [SMALL, LARGE]) change(`${data}/${name}`);
  const { differing, unread } = await back();
  assert.deepEqual(
    differing.map(({ path }) => path).sort(),
    [LARGE, SMALL].map((name) => `${machine.data}/${name}`),
  );
  assert.deepEqual(unread, []);
});

for (const overwrite of ["always", "if-changed"] as const) {
  Deno.test(`--overwrite ${overwrite} restores files that their owner must not write to, and all others`, async () => {
    const { machine, backup, target, data } = await restored();
    await using _ = machine;
    for (const name of [SMALL, LARGE]) change(`${data}/${name}`);
    Deno.removeSync(`${data}/other`);
    const { damaged, failed } = await machine.restore(backup, { target, overwrite });
    assert.deepEqual([damaged, failed], [[], []]);
    for (const name of [SMALL, LARGE, "other"]) {
      assert.deepEqual(Deno.readFileSync(`${data}/${name}`), Deno.readFileSync(`${machine.data}/${name}`));
    }
    assert.equal(Deno.statSync(`${data}/${SMALL}`).mode! & 0o777, 0o444);
  });
}

Deno.test("files that their owner must not write to get their time back", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  Deno.utimeSync(`${data}/${SMALL}`, 5, 5);
  const { failed } = await machine.restore(backup, { target, overwrite: "if-changed" });
  assert.deepEqual(failed, []);
  const mtime = (directory: string) => Deno.statSync(`${directory}/${SMALL}`).mtime;
  assert.deepEqual(mtime(data), mtime(machine.data));
});

for (const overwrite of ["always", "if-changed"] as const) {
  Deno.test({
    name:
      `--overwrite ${overwrite} replaces a program that runs where it was changed, and else leaves it alone`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using machine = await Machine.make();
      const names = ["changed", "same", "touched"];
      for (const name of names) Deno.copyFileSync("/bin/sleep", `${machine.data}/${name}`);
      const backup = await machine.backUp();
      const { target, data } = await machine.restore(backup);
      Deno.writeFileSync(`${data}/changed`, new Uint8Array(1), { append: true });
      Deno.utimeSync(`${data}/touched`, 1, 1);
      const inode = Deno.statSync(`${data}/same`).ino;
      const running = names.map((name) => new Deno.Command(`${data}/${name}`, { args: ["60"] }).spawn());
      const { failed } = await machine.restore(backup, { target, overwrite });
      for (const process of running) process.kill("SIGKILL");
      await Promise.all(running.map(({ status }) => status));
      assert.deepEqual(failed, []);
      assert.equal(Deno.statSync(`${data}/same`).ino, inode);
      await assertSameTree(data, machine.data);
    },
  });
}
