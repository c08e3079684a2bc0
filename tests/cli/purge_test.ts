import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, testIo, vaultik } from "./in_process.ts";
import { run } from "../../src/cli/app.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

/** Runs `work` with three snapshots of "data" in a store, and the configuration that made them. */
function withSnapshots(
  retention: object | undefined,
  work: (config: string, ids: string[]) => Promise<void>,
) {
  return inDirectory(async (directory) => {
    Deno.mkdirSync(`${directory}/data`);
    Deno.writeTextFileSync(`${directory}/data/file`, "contents");
    const config = `${directory}/config.yml`;
    const values = {
      age_recipients: [recipient],
      snapshots: { data: { paths: [`${directory}/data`] } },
      storage_url: `file://${directory}/store`,
      index_path: `${directory}/index.sqlite`,
      hostname: "web1",
      retention,
    };
    Deno.writeTextFileSync(config, JSON.stringify(values));
    for (let i = 0; i < 3; i++) {
      const { code, stderr } = await vaultik(["--config", config, "snapshot", "create", "--quiet"]);
      assert.equal(code, 0, stderr);
    }
    await work(config, await list(config));
  });
}

async function list(config: string): Promise<string[]> {
  const { stdout } = await vaultik(["--config", config, "snapshot", "list", "--json"]);
  return JSON.parse(stdout).map(({ id }: { id: string }) => id);
}

Deno.test("snapshot purge shows its plan, and does nothing where no one can be asked", async () => {
  await withSnapshots(undefined, async (config, ids) => {
    const purge = (...more: string[]) => vaultik(["--config", config, "snapshot", "purge", ...more]);
    const unnamed = await purge();
    assert.equal(unnamed.code, 2);
    assert.match(unnamed.stderr, /Cannot purge: no policy says what to keep/);
    const refused = await purge("--keep-last", "1");
    assert.equal(refused.code, 2);
    assert.match(refused.stdout, /Would remove 2 snapshots, keep 1/);
    assert.match(refused.stderr, /Cannot remove 2 snapshots: there is no terminal to ask at; --force/);
    const dry = await purge("--keep-last", "1", "--dry-run", "--json");
    assert.equal(dry.code, 0);
    const plan = JSON.parse(dry.stdout);
    assert.deepEqual([plan.is_done, plan.removed, plan.kept], [false, 2, 1]);
    assert.deepEqual(plan.snapshots.map(({ action }: { action: string }) => action), [
      "remove",
      "remove",
      "keep",
    ]);
    assert.deepEqual(plan.snapshots[2].reasons, ["last", "newest of its host and name"]);
    assert.deepEqual(await list(config), ids);
    const forced = await purge("--keep-last", "1", "--force");
    assert.equal(forced.code, 0);
    assert.match(forced.stdout, /Removed 2 snapshots, keep 1/);
    assert.deepEqual(await list(config), ids.slice(2));
  });
});

Deno.test("snapshot purge takes its policy from the configuration, and only this host's snapshots", async () => {
  await withSnapshots({ keep_last: 2 }, async (config, ids) => {
    const other = await vaultik(["--config", config, "snapshot", "purge", "--host", "web2", "--force"]);
    assert.equal(other.code, 4);
    assert.match(other.stderr, /Cannot find host "web2"/);
    assert.deepEqual(await list(config), ids);
    const { code } = await vaultik(["--config", config, "snapshot", "purge", "--force"]);
    assert.equal(code, 0);
    assert.deepEqual(await list(config), ids.slice(1));
  });
});

Deno.test("snapshot remove asks at a terminal, and takes no for an answer", async () => {
  await withSnapshots(undefined, async (config, ids) => {
    for (const [answer, left] of [["", ids], ["no\n", ids], ["y\n", ids.slice(1)]] as const) {
      const { io, printed } = testIo({});
      const asked: string[] = [];
      const ask = (question: string) => {
        asked.push(question);
        return Promise.resolve(answer);
      };
      assert.equal(await run(["--config", config, "snapshot", "remove", ids[0]!], { ...io, ask }), 0);
      assert.deepEqual(asked, ["Remove 1 snapshot? [y/N] "]);
      assert.match(printed.stdout, new RegExp(`To be removed:\n  ${ids[0]}`));
      assert.deepEqual(await list(config), left);
    }
  });
});

Deno.test("snapshot pin and unpin say what is so then, and list shows it", async () => {
  await withSnapshots(undefined, async (config, ids) => {
    const snapshot = (...more: string[]) => vaultik(["--config", config, "snapshot", ...more]);
    assert.deepEqual(await snapshot("pin", ids[0]!), {
      code: 0,
      stdout: `${ids[0]} is pinned\n`,
      stderr: "",
    });
    assert.match((await snapshot("list")).stdout, / pinned\n/);
    const refused = await snapshot("remove", ids[0]!, "--force");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /it is pinned; vaultik snapshot unpin/);
    assert.equal((await snapshot("purge", "--keep-latest", "--force")).code, 0);
    assert.deepEqual(await list(config), [ids[0], ids[2]]);
    assert.equal((await snapshot("unpin", ids[0]!)).code, 0);
    assert.equal(
      (await snapshot("remove", ids[0]!, "--force", "--json")).stdout,
      `{"is_done":true,"removed":["${ids[0]}"]}\n`,
    );
    assert.equal((await snapshot("remove", "none", "--force")).code, 4);
  });
});

Deno.test("amounts that are none are refused", async () => {
  for (
    const [flag, value] of [["--keep-last", "0"], ["--keep-daily", "x"], ["--older-than", "30"], [
      "--keep-within",
      "-1d",
    ]]
  ) {
    const { code, stderr } = await vaultik([
      "snapshot",
      "purge",
      `${flag}=${value}`,
      "--storage-url",
      "file:///nowhere",
    ]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`Cannot use ${flag} "${value}"`));
  }
});
