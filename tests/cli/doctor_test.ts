import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { STUB_PLUGIN_RECIPIENT } from "../fixtures/stub_plugin.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

async function configured(directory: string, more: string): Promise<string> {
  const file = `${directory}/c.yml`;
  const text =
    `age_recipients: [${recipient}]\nhostname: web1\nindex_path: ${directory}/index.sqlite\n${more}`;
  await Deno.writeTextFile(file, text, { mode: 0o600 });
  return file;
}

Deno.test("doctor says what works and what a thief could do, and leaves the store as it was", async () => {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/store`);
    const snapshots = `snapshots: {home: {paths: [${directory}]}}\nstorage_url: file://${directory}/store\n`;
    const file = await configured(directory, snapshots);
    const { code, stdout, stderr } = await vaultik(["doctor", "--config", file]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^ok {2}configuration .*has no faults$/m);
    assert.match(stdout, /^ok {2}index .*can be written$/m);
    assert.match(stdout, /^!! {2}delete +yes +a thief can delete all backups/m);
    const json = await vaultik(["doctor", "--config", file, "--json"]);
    const { checks, probes, policies } = JSON.parse(json.stdout);
    assert.ok(checks.every(({ is_right }: { is_right: boolean }) => is_right));
    assert.equal(probes.length, 9);
    assert.equal(policies, undefined);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["c.yml", "store"]);
  });
});

Deno.test("doctor names a path that is not there, with exit code 2", async () => {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/store`);
    const more = `snapshots: {home: {paths: [/no/such/path]}}\nstorage_url: file://${directory}/store\n`;
    const { code, stdout } = await vaultik(["doctor", "--config", await configured(directory, more)]);
    assert.equal(code, 2);
    assert.match(stdout, /^!! {2}path \/no\/such\/path: cannot be read/m);
  });
});

Deno.test("doctor works without a configuration", async () => {
  await inDirectory(async (directory) => {
    const { code, stdout } = await vaultik(["doctor", "--storage-url", `file://${directory}`]);
    assert.equal(code, 0);
    assert.match(stdout, /^Store file:\/\//);
  });
});

Deno.test("doctor says that the plugin of a recipient is missing", async () => {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/store`);
    const file = `${directory}/c.yml`;
    const text = `age_recipients: [${STUB_PLUGIN_RECIPIENT}]\nindex_path: ${directory}/index.sqlite\n` +
      `snapshots: {home: {paths: [${directory}]}}\nstorage_url: file://${directory}/store\n`;
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    const { code, stdout } = await vaultik(["doctor", "--config", file]);
    assert.equal(code, 2);
    assert.match(stdout, /^!! {2}recipients: Cannot use age-plugin-stub: it is not in the PATH$/m);
  });
});
