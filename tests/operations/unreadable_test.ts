import assert from "node:assert/strict";
import { isRoot } from "../../src/platform/owners.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A file that not even root can read: the kernel takes writes to it only. */
const WRITE_ONLY = "/sys/bus/platform/drivers_probe";
const hasUnreadable = !isRoot() || isThere(WRITE_ONLY);

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a file that cannot be read is told of and left out, and the snapshot is marked incomplete" +
    (hasUnreadable ? "" : " (skipped: root can read every file here)"),
  ignore: !hasUnreadable,
  async fn() {
    await using machine = await Machine.make();
    machine.write("a");
    machine.write("z");
    let secret = WRITE_ONLY;
    if (!isRoot()) {
      secret = `${machine.data}/secret`;
      machine.write("secret");
      Deno.chmodSync(secret, 0);
    }
    const backup = await machine.backUp({ roots: [machine.data, secret] });
    assert.deepEqual([backup.incomplete, backup.unreadable.length, backup.files], [true, 1, 2]);
    assert.equal(backup.unreadable[0].path, secret);
    assert.match(backup.unreadable[0].reason, /permission denied/);
    assert.ok(machine.events.some((event) => event.kind === "file-unreadable" && event.path === secret));
    const { data, damaged } = await machine.restore(backup);
    assert.deepEqual(damaged, []);
    assert.deepEqual(Array.from(Deno.readDirSync(data), ({ name }) => name).sort(), ["a", "z"]);
  },
});

Deno.test("a root that is not there is told of, and the snapshot is marked incomplete", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const backup = await machine.backUp({ roots: [machine.data, `${machine.directory}/missing`] });
  assert.equal(backup.incomplete, true);
  assert.deepEqual(backup.unreadable.map(({ path }) => path), [`${machine.directory}/missing`]);
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("a socket is told of and left out, and the snapshot is complete", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  using _socket = Deno.listen({ transport: "unix", path: `${machine.data}/socket` });
  const backup = await machine.backUp();
  assert.deepEqual([backup.incomplete, backup.others], [false, 0]);
  assert.ok(machine.events.some((event) => event.kind === "entry-skipped" && event.path.endsWith("/socket")));
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});
