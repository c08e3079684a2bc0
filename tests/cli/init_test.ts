import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { findVersitygw, startS3rver, startVersitygw } from "../fixtures/s3_server.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

/** A machine with some data, and a crontab of its own. */
async function onMachine(
  work: (machine: { directory: string; env: Record<string, string>; argv: string[] }) => Promise<void>,
): Promise<void> {
  await inDirectory(async (directory) => {
    for (const name of ["data/a", "bin"]) await Deno.mkdir(`${directory}/${name}`, { recursive: true });
    await Deno.writeTextFile(`${directory}/data/a/one.txt`, "one");
    await Deno.writeTextFile(`${directory}/data/two.txt`, "two".repeat(1000));
    const crontab =
      `#!/bin/sh\nif [ "$1" = -l ]; then cat ${directory}/crontab; else cat > ${directory}/crontab; fi\n`;
    await Deno.writeTextFile(`${directory}/bin/crontab`, crontab, { mode: 0o755 });
    const env = { PATH: `${directory}/bin:/usr/bin:/bin`, HOME: directory };
    const argv = ["--config", `${directory}/etc/c.yml`, "init", "--index-path", `${directory}/index.sqlite`];
    await work({ directory, env, argv });
  });
}

async function crontabOf(directory: string): Promise<string[]> {
  return (await Deno.readTextFile(`${directory}/crontab`)).trim().split("\n");
}

Deno.test("init on a terminal leads from nothing to a backup that is scheduled and tried", async () => {
  await onMachine(async ({ directory, env, argv }) => {
    await Deno.writeTextFile(`${directory}/crontab`, "0 1 * * * true\n");
    const answers = [
      "not/absolute",
      `${directory}/nothing`,
      `${directory}/data`,
      "nonsense",
      `file://${directory}/data/two.txt/store`,
      `file://${directory}/store`,
      "perhaps",
      "make",
      "",
      "",
      "",
      "y",
    ];
    const { code, stderr, stdout } = await vaultik(argv, { env, answers });
    assert.equal(code, 0, stderr);
    for (
      const said of [
        /an absolute path is needed/,
        /nothing is not there/,
        /allowed is file:\/\//,
        /works: written, read and removed/,
        /allowed is make, paste/,
        /All is set up/,
        /Move .*vaultik-key\.txt off this machine/,
      ]
    ) assert.match(stderr, said);
    assert.match(stdout, /\n?Snapshot|snapshot/);
    const [kept, line] = atLeast(2, await crontabOf(directory));
    assert.equal(kept, "0 1 * * * true");
    assert.match(line, new RegExp(`--config ${directory}/etc/c\\.yml snapshot create --cron$`));
    const global = ["--config", `${directory}/etc/c.yml`];
    const identity = ["--identity", `${directory}/vaultik-key.txt`];
    const restored = await vaultik([...global, "restore", "latest", `${directory}/back`, ...identity]);
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(await Deno.readTextFile(`${directory}/back${directory}/data/a/one.txt`), "one");
    const status = JSON.parse((await vaultik([...global, "status", "--json"])).stdout);
    assert.match(JSON.stringify(status), /drill/);
  });
});

Deno.test("the same without a question, by flags; a second time the line of cron is there once", async () => {
  await onMachine(async ({ directory, env, argv }) => {
    const key = `${directory}/key.txt`;
    const flags = ["--yes", "--path", `${directory}/data`, "--storage-url", `file://${directory}/store`];
    const keys = ["--keygen", "--identity-out", key];
    const rest = ["--backup", "--drill", "--schedule", "cron"];
    const first = await vaultik([...argv, ...flags, ...keys, ...rest], { env });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /First backup\n[^]*Drill\n[^]*Schedule\n/);
    const again = [...argv, ...flags, "--recipient", recipient, "--force", "--schedule", "cron"];
    assert.equal((await vaultik(again, { env })).code, 0);
    assert.equal((await crontabOf(directory)).length, 1);
  });
});

Deno.test("init asks only for what flags leave open, and takes a key that is pasted", async () => {
  await onMachine(async ({ directory, env, argv }) => {
    const store = `file://${directory}/store`;
    const flags = ["--path", `${directory}/data`, "--storage-url", store];
    const answers = ["paste", "age1nonsense", recipient, "none", "no"];
    const { code, stderr } = await vaultik([...argv, ...flags], { env, answers });
    assert.equal(code, 0, stderr);
    const text = await Deno.readTextFile(`${directory}/etc/c.yml`);
    assert.ok(text.includes(recipient));
    assert.match(
      (await vaultik(["--config", `${directory}/etc/c.yml`, "config", "check"])).stdout,
      /in order/,
    );
  });
});

Deno.test("init writes nothing where the answers end, nor with flags that do not go together", async () => {
  await onMachine(async ({ directory, env, argv }) => {
    const ended = await vaultik(argv, { env, answers: [`${directory}/data`] });
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /the answers ended; nothing was written/);
    const drill = await vaultik([...argv, "--yes", "--drill"], { env });
    assert.match(drill.stderr, /Cannot use --drill: it needs --backup/);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name).sort(), ["bin", "data"]);
  });
});

Deno.test("init with a key of S3 puts it into a file of its own", async () => {
  await onMachine(async ({ directory, env, argv }) => {
    await Deno.writeTextFile(`${directory}/secret`, "hunter2\n", { mode: 0o600 });
    const s3 = ["--s3-endpoint", "http://127.0.0.1:9", "--s3-access-key-id", "AKIA", "--s3-secret-file"];
    const flags = ["--storage-url", "s3://bucket/x", ...s3, `${directory}/secret`, "--recipient", recipient];
    assert.equal((await vaultik([...argv, "--yes", ...flags], { env })).code, 0);
    const text = await Deno.readTextFile(`${directory}/etc/c.yml`);
    assert.match(text, new RegExp(`^ {2}secret_access_key: "file:${directory}/secret"$`, "m"));
    assert.equal((await vaultik(["--config", `${directory}/etc/c.yml`, "config", "check"])).code, 0);
  });
});

const versitygw = findVersitygw();
const refusesWrongKeys = versitygw !== undefined;

Deno.test({
  name: "init asks for S3, tries the answers on the server, and makes a backup there" +
    (refusesWrongKeys ? "" : " (wrong keys NOT TRIED: there is no versitygw)"),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    onMachine(async ({ directory, env, argv }) => {
      await using server = versitygw === undefined ? await startS3rver() : await startVersitygw(versitygw);
      const { accessKeyId, secretAccessKey, bucket } = server.location("");
      const url = `s3://${bucket}/host`;
      const right = [server.endpoint, accessKeyId!, secretAccessKey!];
      const wrong = [url, server.endpoint, accessKeyId!, "wrong"];
      const answers = [
        `${directory}/data`,
        ...refusesWrongKeys ? [...wrong, "s3://none-such/x", ...right] : [],
        ...[url, ...right],
        ...["make", "", "none", "yes", "yes"],
      ];
      const { code, stderr } = await vaultik(argv, { env, answers });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /s3-secret, for its owner alone/);
      assert.match(stderr, /works: written, read and removed/);
      if (refusesWrongKeys) assert.equal(stderr.match(/trying it …/g)?.length, 3, stderr);
      const secret = `${directory}/etc/s3-secret`;
      assert.equal((await Deno.stat(secret)).mode! & 0o777, 0o600);
      assert.equal(await Deno.readTextFile(secret), `${secretAccessKey}\n`);
      const text = await Deno.readTextFile(`${directory}/etc/c.yml`);
      assert.ok(!text.includes(secretAccessKey!));
      const global = ["--config", `${directory}/etc/c.yml`];
      const identity = ["--identity", `${directory}/vaultik-key.txt`];
      const restored = await vaultik([...global, "restore", "latest", `${directory}/back`, ...identity]);
      assert.equal(restored.code, 0, restored.stderr);
      assert.equal(await Deno.readTextFile(`${directory}/back${directory}/data/a/one.txt`), "one");
    }),
});
