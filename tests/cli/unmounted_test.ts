import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });

async function configured(directory: string): Promise<string[]> {
  await Deno.mkdir(`${directory}/tree`);
  await Deno.mkdir(`${directory}/store`);
  await Deno.writeTextFile(`${directory}/tree/a`, "a");
  const config = {
    age_recipients: [recipient],
    index_path: `${directory}/index.sqlite`,
    snapshots: { home: { paths: [`${directory}/tree`] } },
    storage_url: `file://${directory}/store`,
  };
  await Deno.writeTextFile(`${directory}/c.yml`, JSON.stringify(config));
  return ["--config", `${directory}/c.yml`];
}

Deno.test({
  name:
    "a store that had backups and is empty is refused, as a disk that is not mounted, and nothing is written to it",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const config = await configured(directory);
      assert.equal((await vaultik(["snapshot", "create", ...config])).code, 0);
      await Deno.rename(`${directory}/store`, `${directory}/disk`);
      await Deno.mkdir(`${directory}/store`);
      const refused = await vaultik(["snapshot", "create", ...config]);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, /it is empty, though earlier backups went there; is its disk mounted\?/);
      assert.deepEqual([...Deno.readDirSync(`${directory}/store`)], []);
      await Deno.remove(`${directory}/store`);
      await Deno.rename(`${directory}/disk`, `${directory}/store`);
      const again = await vaultik(["snapshot", "create", ...config]);
      assert.equal(again.code, 0, again.stderr);
    }),
});

Deno.test({
  name: "an identity file that others may read is used with a warning",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const config = await configured(directory);
      assert.equal((await vaultik(["snapshot", "create", ...config])).code, 0);
      const key = `${directory}/key.txt`;
      for (const [mode, warns] of [[0o644, true], [0o640, true], [0o600, false], [0o400, false]] as const) {
        await Deno.writeTextFile(key, identity);
        await Deno.chmod(key, mode);
        const target = `${directory}/restored-${mode}`;
        const { code, stderr } = await vaultik(["restore", "latest", target, "--identity", key, ...config]);
        assert.equal(code, 0, stderr);
        assert.equal(/warning: .*key\.txt opens the backups .* chmod 600/.test(stderr), warns, stderr);
        await Deno.remove(key);
      }
    }),
});
