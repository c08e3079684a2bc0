import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });

/** A machine with two paths; `create` backs up and gives id and exit code, `restore` restores the newest. */
async function machineIn(directory: string) {
  const paths = [`${directory}/one`, `${directory}/two`];
  for (const path of paths) {
    await Deno.mkdir(path);
    await Deno.writeTextFile(`${path}/file`, path);
  }
  await Deno.mkdir(`${directory}/store`);
  await Deno.writeTextFile(`${directory}/key.txt`, identity, { mode: 0o600 });
  const config = {
    age_recipients: [recipient],
    index_path: `${directory}/index.sqlite`,
    snapshots: { home: { paths } },
    storage_url: `file://${directory}/store`,
  };
  await Deno.writeTextFile(`${directory}/c.yml`, JSON.stringify(config));
  const configured = ["--config", `${directory}/c.yml`];
  let restored = 0;
  return {
    async create() {
      // Ids have the second in which a snapshot was begun: two of one second are in no order.
      await new Promise((resolve) => setTimeout(resolve, 1000 - Date.now() % 1000));
      const { code, stdout } = await vaultik(["snapshot", "create", "--json", ...configured]);
      return { code, id: JSON.parse(stdout).id as string };
    },
    dump: () =>
      vaultik(["dump", "latest", "--identity", `${directory}/key.txt`, ...configured], { bytes: [] }),
    restore: (...flags: string[]) =>
      vaultik([
        "restore",
        "latest",
        `${directory}/restored-${++restored}`,
        "--identity",
        `${directory}/key.txt`,
        ...flags,
        ...configured,
      ]),
  };
}

/** The threads of a backup end after it. */
const test = (name: string, work: (directory: string) => Promise<void>) =>
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => inDirectory(work) });

test("restore and dump say that a snapshot is incomplete, and which one before it is complete", async (directory) => {
  const { create, restore, dump } = await machineIn(directory);
  await Deno.rename(`${directory}/two`, `${directory}/away`);
  const first = await create();
  assert.equal(first.code, 3);
  assert.match(
    (await restore()).stderr,
    new RegExp(`warning: Snapshot ${first.id} is incomplete: .* none before`),
  );

  await Deno.rename(`${directory}/away`, `${directory}/two`);
  const whole = await create();
  assert.equal(whole.code, 0);
  assert.equal((await restore()).stderr, "");
  assert.equal(JSON.parse((await restore("--json")).stdout).incomplete, false);

  await Deno.rename(`${directory}/two`, `${directory}/away`);
  const last = await create();
  const warning = new RegExp(`${last.id} is incomplete: .* the last complete one before it is ${whole.id}`);
  for (const flags of [[], ["--dry-run"], ["--json"]]) {
    const { code, stdout, stderr } = await restore(...flags);
    assert.equal(code, 0, stderr);
    assert.match(stderr, warning);
    if (flags[0] === "--json") assert.equal(JSON.parse(stdout).incomplete, true);
  }
  assert.match((await dump()).stderr, warning);
});

test("a source says that the store hides the newest of the snapshots that it made", async (directory) => {
  const { create, restore } = await machineIn(directory);
  const first = await create();
  await Deno.writeTextFile(`${directory}/one/file`, "newer");
  const last = await create();
  assert.equal((await restore()).stderr, "");
  const snapshot = `${hostDirectory(`${directory}/store`)}/snapshots/${last.id}`;
  await Deno.rename(snapshot, `${directory}/hidden`);
  const rolledBack = await restore();
  assert.equal(rolledBack.code, 0, rolledBack.stderr);
  assert.match(
    rolledBack.stderr,
    new RegExp(`newest snapshot of "home" is not in .*finished ${last.id} at `),
  );
  assert.match(rolledBack.stdout, new RegExp(`Restored ${first.id}`));
  assert.match((await restore("--name", "home")).stderr, new RegExp(last.id));
  // Who asks for a time does not ask for the newest.
  assert.equal((await restore("--before", "2100-01-01")).stderr, "");
  await Deno.rename(`${directory}/hidden`, snapshot);
  assert.equal((await restore()).stderr, "");
});
