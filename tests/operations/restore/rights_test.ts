import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { setXattr } from "../../../src/platform/write.ts";
import { readXattrs } from "../../../src/platform/xattrs.ts";
import { Machine } from "../machine.ts";

const OWNER = 1, USER = 2, GROUP = 4, MASK = 16, OTHERS = 32;
const NO_ID = 0xffff_ffff;

/** An access list by which user 1234 may do everything. */
function accessList(): string {
  const entries = [[OWNER, 7, NO_ID], [USER, 7, 1234], [GROUP, 5, NO_ID], [MASK, 7, NO_ID], [
    OTHERS,
    5,
    NO_ID,
  ]];
  const bytes = new DataView(new ArrayBuffer(4 + 8 * entries.length));
  bytes.setUint32(0, 2, true);
  for (const [i, [tag, rights, id]] of entries.entries()) {
    bytes.setUint16(4 + 8 * i, tag!, true);
    bytes.setUint16(6 + 8 * i, rights!, true);
    bytes.setUint32(8 + 8 * i, id!, true);
  }
  return new Uint8Array(bytes.buffer).toBase64();
}

const ACCESS = "system.posix_acl_access", DEFAULT = "system.posix_acl_default";

function hasAccessLists(): boolean {
  const directory = Deno.makeTempDirSync({ prefix: "vaultik-rights-" });
  try {
    setXattr(directory, DEFAULT, accessList());
    return true;
  } catch {
    return false;
  } finally {
    Deno.removeSync(directory);
  }
}

const ignore = !hasAccessLists();
const NAMES = ["", "file", "another", "large", "d", "d/inner", "pipe", "program"];

async function backedUp() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10 });
  for (const name of ["file", "another", "d/inner", "program"]) machine.write(name);
  machine.write("large", new Uint8Array(100_000).map((_, i) => i * i));
  for (const name of ["file", "another"]) Deno.chmodSync(`${machine.data}/${name}`, 0o640);
  Deno.chmodSync(`${machine.data}/program`, 0o755);
  new Deno.Command("mkfifo", { args: [`${machine.data}/pipe`] }).outputSync();
  return { machine, backup: await machine.backUp() };
}

/** Access lists of all that is restored, and modes. */
const rights = (data: string) =>
  NAMES.map((
    name,
  ) => [
    name,
    readXattrs(`${data}/${name}`, (what, reason) => assert.fail(`${what}: ${reason}`)),
    Deno.lstatSync(`${data}/${name}`).mode! & 0o7777,
  ]);

Deno.test(
  "what is restored into a directory with a default access list gives no one more rights than it gave",
  { ignore },
  async () => {
    const { machine, backup } = await backedUp();
    await using _ = machine;
    const target = `${machine.directory}/shared`;
    Deno.mkdirSync(target);
    setXattr(target, DEFAULT, accessList());
    await machine.restore(backup, { target });
    assert.deepEqual(rights(target + machine.data), rights(machine.data));
  },
);

for (const overwrite of ["always", "if-changed"] as const) {
  Deno.test(
    `--overwrite ${overwrite} takes away rights that the snapshot does not give, and a dry run says where`,
    { ignore },
    async () => {
      const { machine, backup } = await backedUp();
      await using _ = machine;
      const { target, data } = await machine.restore(backup);
      for (const name of ["d", "file"]) setXattr(`${data}/${name}`, ACCESS, accessList());
      setXattr(`${data}/d`, DEFAULT, accessList());
      Deno.chmodSync(`${data}/file`, 0o640);
      const { changes } = await machine.restore(backup, { target, overwrite, dryRun: true });
      assert.deepEqual(
        changes.filter(({ path }) => path.startsWith(`${machine.data}/`)),
        ["d", "file"].map((name) => ({ path: `${machine.data}/${name}`, what: "attributes" })),
      );
      Deno.removeSync(`${data}/d/inner`);
      await machine.restore(backup, { target, overwrite });
      assert.deepEqual(rights(data), rights(machine.data));
    },
  );
}

Deno.test(
  "access lists that the snapshot has come back, and are right where they are there",
  { ignore },
  async () => {
    const { machine } = await backedUp();
    await using _ = machine;
    setXattr(`${machine.data}/file`, ACCESS, accessList());
    setXattr(`${machine.data}/d`, DEFAULT, accessList());
    const backup = await machine.backUp();
    const { target, data } = await machine.restore(backup);
    assert.deepEqual(rights(data), rights(machine.data));
    const { changes } = await machine.restore(backup, { target, overwrite: "if-changed", dryRun: true });
    assert.deepEqual(changes.filter(({ path }) => path.startsWith(`${machine.data}/`)), []);
  },
);
