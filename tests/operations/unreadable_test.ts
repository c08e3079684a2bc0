import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { isThere } from "../fixtures/is_there.ts";
import { isRoot } from "../../src/platform/owners.ts";
import { canMountDead, deadMount } from "../fixtures/dead_mount.ts";
import { backupCommand } from "../fixtures/run_backup.ts";
import { hasStrace } from "../fixtures/system_calls.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A file that not even root can read: the kernel takes writes to it only. */
const WRITE_ONLY = "/sys/bus/platform/drivers_probe";
const hasUnreadable = !isRoot() || isThere(WRITE_ONLY);

Deno.test({
  name: "a file that cannot be read is reported and left out, and the snapshot is marked incomplete" +
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
    assert.equal(backup.unreadable[0]!.path, secret);
    assert.match(backup.unreadable[0]!.reason, /permission denied/);
    assert.ok(machine.events.some((event) => event.kind === "file-unreadable" && event.path === secret));
    const { data, damaged } = await machine.restore(backup);
    assert.deepEqual(damaged, []);
    assert.deepEqual(Array.from(Deno.readDirSync(data), ({ name }) => name).sort(), ["a", "z"]);
  },
});

Deno.test("a root that is not there is reported, and the snapshot is marked incomplete", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const backup = await machine.backUp({ roots: [machine.data, `${machine.directory}/missing`] });
  assert.equal(backup.incomplete, true);
  assert.deepEqual(backup.unreadable.map(({ path }) => path), [`${machine.directory}/missing`]);
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("a socket is reported and left out, and the snapshot is complete", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  using _socket = Deno.listen({ transport: "unix", path: `${machine.data}/socket` });
  const backup = await machine.backUp();
  assert.deepEqual([backup.incomplete, backup.others], [false, 0]);
  assert.ok(machine.events.some((event) => event.kind === "entry-skipped" && event.path.endsWith("/socket")));
  await assertSameTree((await machine.restore(backup)).data, machine.data);
});

Deno.test("a file of which the system says that it is empty comes back with its contents", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const backup = await machine.backUp({ roots: [machine.data, "/proc/version"] });
  const { damaged, target } = await machine.restore(backup);
  assert.deepEqual([damaged, backup.incomplete], [[], false]);
  assert.equal(Deno.readTextFileSync(`${target}/proc/version`), Deno.readTextFileSync("/proc/version"));
  assert.ok(machine.texts("note").some((text) => text.includes("/proc/version")));
  assert.equal(
    (await machine.backUp({ roots: [machine.data, "/proc/version"] })).filesRead,
    1,
    "it is not trusted",
  );
});

const mayMount = canMountDead();

for (const isExcluded of [true, false]) {
  Deno.test({
    name:
      `what is mounted without its program is ${isExcluded ? "no matter where it is excluded" : "reported"}` +
      (mayMount ? "" : " (skipped: may not mount)"),
    ignore: !mayMount,
    async fn() {
      await using machine = await Machine.make();
      machine.write("a");
      Deno.mkdirSync(`${machine.data}/dead`);
      using _mount = deadMount(`${machine.data}/dead`);
      const backup = await machine.backUp({ exclude: isExcluded ? [`${machine.data}/dead/`] : [] });
      const reason = "transport endpoint is not connected";
      assert.deepEqual(backup.unreadable, isExcluded ? [] : [{ path: `${machine.data}/dead`, reason }]);
    },
  });
}

const FAILING: [call: string, error: string, what: RegExp][] = [
  ["flistxattr", "EACCES", /could not read attributes.*permission denied/],
  ["llistxattr", "E2BIG", /could not read attributes.*argument list too long/],
  ["fgetxattr", "EPERM", /could not read attribute "user.tag".*operation not permitted/],
  ["lgetxattr", "EIO", /could not read attribute "user.tag".*input\/output error/],
];

for (const [call, error, what] of FAILING) {
  Deno.test({
    name: `an entry comes back with its contents where ${call} ends with ${error}, which is reported` +
      (hasStrace() ? "" : " (skipped: no strace)"),
    ignore: !hasStrace(),
    async fn() {
      await using machine = await Machine.make();
      machine.write("directory/file");
      for (const name of ["directory", "directory/file"]) {
        const { success } = await new Deno.Command("python3", {
          args: [
            "-c",
            "import os, sys; os.setxattr(sys.argv[1], 'user.tag', b'x')",
            `${machine.data}/${name}`,
          ],
        }).output();
        assert.ok(success);
      }
      const command = backupCommand(`${machine.directory}/store`, machine.options);
      const { stdout, stderr } = await new Deno.Command("strace", {
        args: [
          "-f",
          "-o",
          "/dev/null",
          "-e",
          `trace=${call}`,
          "-e",
          `inject=${call}:error=${error}`,
          ...command,
        ],
      }).output();
      const [summary, events] = atLeast(2, [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)));
      const { files, incomplete, lostAttributes } = JSON.parse(summary);
      assert.deepEqual([files, incomplete], [1, false]);
      assert.ok(lostAttributes >= 1);
      assert.match(events, what);
    },
  });
}
