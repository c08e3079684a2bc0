import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

interface Installed {
  readonly run: (...argv: string[]) => ReturnType<typeof vaultik>;
  readonly store: string;
  /** Makes a snapshot of new contents. */
  readonly create: (...argv: string[]) => ReturnType<typeof vaultik>;
}

function installed(change: object, work: (installed: Installed) => Promise<void>) {
  return inDirectory(async (directory) => {
    Deno.mkdirSync(`${directory}/data`);
    const config = `${directory}/config.yml`;
    const values = {
      age_recipients: [recipient],
      snapshots: { data: { paths: [`${directory}/data`] } },
      storage_url: `file://${directory}/store`,
      index_path: `${directory}/index.sqlite`,
      hostname: "web1",
      ...change,
    };
    Deno.writeTextFileSync(config, JSON.stringify(values));
    const run = (...argv: string[]) => vaultik(["--config", config, ...argv]);
    const create = (...argv: string[]) => {
      Deno.writeTextFileSync(`${directory}/data/file`, crypto.randomUUID());
      return run("snapshot", "create", ...argv);
    };
    await work({ run, create, store: `${directory}/store` });
  });
}

async function blobs(store: string): Promise<number> {
  const { stdout } = await vaultik(["store", "info", "--storage-url", `file://${store}`, "--json"]);
  return JSON.parse(stdout).kinds.find(({ kind }: { kind: string }) => kind === "blobs").objects;
}

Deno.test("prune shows its plan, refuses to delete unasked, and deletes with --force", async () => {
  await installed({ prune_grace: "0s" }, async ({ run, create, store }) => {
    for (let i = 0; i < 3; i++) assert.equal((await create("--quiet")).code, 0);
    assert.equal((await run("snapshot", "purge", "--keep-latest", "--force")).code, 0);
    assert.equal(await blobs(store), 3);
    const dry = await run("prune", "--dry-run", "--json");
    assert.equal(dry.code, 0, dry.stderr);
    const plan = JSON.parse(dry.stdout);
    const count = plan.mark.objects;
    assert.ok(count >= 2, `${count}`);
    assert.deepEqual([plan.is_done, plan.snapshots, plan.delete.objects, plan.missing], [
      false,
      1,
      count,
      [],
    ]);
    assert.ok(plan.freed_bytes > 0);
    const refused = await run("prune");
    assert.equal(refused.code, 2);
    assert.match(
      refused.stdout,
      new RegExp(`^Host [a-z2-7]{26}: 1 snapshots\n {2}delete {3}${count} objects, `),
    );
    assert.match(
      refused.stderr,
      new RegExp(`Cannot delete ${count} objects, .*: there is no terminal to ask at; --force`),
    );
    assert.equal(await blobs(store), 3);
    const forced = await run("prune", "--force");
    assert.deepEqual([forced.code, forced.stderr], [0, ""]);
    assert.match(forced.stdout, new RegExp(`^Deleted ${count} objects, marked ${count} for deletion`));
    assert.equal(await blobs(store), 1);
    assert.equal((await run("snapshot", "verify", "latest")).code, 0);
  });
});

Deno.test("snapshot create --prune applies the configured retention and deletes at the second run what was marked at the first", async () => {
  await installed({ prune_grace: "0s", retention: { keep_last: 2 } }, async ({ create, run, store }) => {
    for (let i = 0; i < 4; i++) assert.equal((await create("--prune", "--cron")).code, 0);
    assert.equal(await blobs(store), 2);
    const listed = JSON.parse((await run("snapshot", "list", "--json")).stdout);
    assert.equal(listed.length, 2);
    const { stdout } = await create("--prune", "--json");
    const [, tidied] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(tidied.snapshots_removed, [listed[0].id]);
  });
});

Deno.test("prune says with exit code 5 what is missing, and deletes nothing", async () => {
  await installed({ prune_grace: "0s" }, async ({ create, run, store }) => {
    await create();
    const { stdout } = await run("prune", "--dry-run", "--json");
    assert.deepEqual(JSON.parse(stdout).missing, []);
    for (const kind of ["blobs", "pages"]) {
      await Deno.remove(`${hostDirectory(store)}/${kind}`, { recursive: true });
    }
    const { code, stdout: shown, stderr } = await run("prune", "--force", "--dry-run");
    assert.equal(code, 5);
    assert.match(shown, /MISSING {2}blobs\//);
    assert.match(stderr, /Cannot prune: snapshots need 2 objects that are not there/);
  });
});

Deno.test("prune works without a configuration, and refuses a grace time that is none", async () => {
  await installed({}, async ({ create, store }) => {
    await create();
    const url = `file://${store}`;
    assert.equal((await vaultik(["prune", "--storage-url", url, "--force", "--min-age", "1d"])).code, 0);
    const { code, stderr } = await vaultik(["prune", "--storage-url", url, "--grace", "1"]);
    assert.equal(code, 2);
    assert.match(stderr, /Cannot use --grace "1": allowed is a duration/);
  });
});
