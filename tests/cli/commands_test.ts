import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { inDirectory, type RunOptions, vaultik } from "./in_process.ts";

/** A configuration with these source sets, and what runs the program by it. */
async function setUp(directory: string, snapshots: string) {
  const key = `${directory}/key.txt`;
  const { stdout } = await vaultik(["keygen", "--output", key]);
  const recipient = /age1\w+/.exec(stdout + await Deno.readTextFile(key))![0];
  const config = `${directory}/c.yml`;
  await Deno.writeTextFile(
    config,
    `age_recipients: [${recipient}]\nstorage_url: file://${directory}/store\n` +
      `index_path: ${directory}/index.sqlite\nsnapshots:\n${snapshots}`,
    { mode: 0o600 },
  );
  const run = (words: string[], options?: RunOptions) => vaultik(["--config", config, ...words], options);
  const cat = async (path: string) => {
    const bytes: Uint8Array[] = [];
    const ran = await run(["cat", `latest:${path}`, "--identity", key], { bytes });
    return ran.code === 0 ? await new Blob(bytes as Uint8Array<ArrayBuffer>[]).text() : ran.stderr;
  };
  return { config, run, cat };
}

const FILES = "  main: {paths: [/etc/hostname]}\n";

Deno.test("configured commands are files of the snapshot, and see their variables; arguments hold no secret", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/secret`, "s3cret\n");
    const command = `[sh, -c, "printf %s \\"$WHO:$PASSWORD\\""]`;
    const { run, cat } = await setUp(
      directory,
      `  db:\n    commands:\n      - path: /dumps/app\n        command: [${command}, [tr, a-z, A-Z]]\n` +
        `        env: {WHO: me}\n        env_files: {PASSWORD: ${directory}/secret}\n`,
    );
    const created = await run(["snapshot", "create", "--json"]);
    assert.equal(created.code, 0, created.stderr);
    assert.equal(JSON.parse(created.stdout).files, 1);
    assert.equal(await cat("/dumps/app"), "ME:S3CRET");
  }));

Deno.test("a command that fails makes the snapshot incomplete, with its name, exit code and errors; exit 3", () =>
  inDirectory(async (directory) => {
    const { run } = await setUp(
      directory,
      `  db:\n    paths: [${directory}/c.yml]\n    commands:\n      - path: /dumps/app\n` +
        `        command: [[sh, -c, "echo half; echo no such database >&2; exit 7"], [cat]]\n` +
        `      - {path: /dumps/b, command: [cat], env_files: {A: ${directory}/none}}\n`,
    );
    const { code, stderr } = await run(["snapshot", "create", "--cron"]);
    assert.equal(code, 3);
    assert.match(stderr, /INCOMPLETE: .*2 files or directories/);
    assert.match(stderr, /\/dumps\/app: stage 1 \(sh\) ended with 7: no such database/);
    assert.match(stderr, /\/dumps\/b: the value of A cannot be read from .*\/none/);
  }));

Deno.test("a configuration with commands that others may write to is refused", () =>
  inDirectory(async (directory) => {
    const { config, run } = await setUp(directory, "  db: {commands: [{path: /a, command: [cat]}]}\n");
    await Deno.chmod(config, 0o666);
    const { code, stderr } = await run(["snapshot", "create"]);
    assert.equal(code, 2);
    assert.match(stderr, /it has commands, and others than its owner may write to it/);
  }));

Deno.test("--stdin backs up a pipe as one file of a source set of its own", () =>
  inDirectory(async (directory) => {
    const { run, cat } = await setUp(directory, FILES);
    const stdin = "row\n".repeat(100_000);
    const created = await run(["snapshot", "create", "--stdin", "db/app.sql", "--json"], { stdin });
    assert.equal(created.code, 0, created.stderr);
    const { name, files, bytes } = JSON.parse(created.stdout);
    assert.deepEqual([name, files, bytes], ["stdin", 1, stdin.length]);
    assert.equal(await cat("/db/app.sql"), stdin);
    const named = await run(["snapshot", "create", "--stdin", "a", "--name", "mail", "--json"], { stdin });
    assert.equal(JSON.parse(named.stdout).name, "mail");
  }));

Deno.test("a pipe that brings much less than the last time makes a suspicious snapshot", () =>
  inDirectory(async (directory) => {
    const { run } = await setUp(directory, FILES);
    const create = (rows: number) =>
      run(["snapshot", "create", "--stdin", "app.sql", "--cron"], { stdin: "row\n".repeat(rows) });
    assert.equal((await create(100_000)).code, 0);
    const { code, stderr } = await create(10_000);
    assert.equal(code, 3);
    assert.match(stderr, /^SUSPICIOUS: .*"\/app\.sql" lost 90% of its bytes/);
    assert.equal((await create(90_000)).code, 0);
  }));

Deno.test("an empty pipe is no backup", () =>
  inDirectory(async (directory) => {
    const { run } = await setUp(directory, FILES);
    const { code, stderr } = await run(["snapshot", "create", "--stdin", "a"], { stdin: "" });
    assert.equal(code, 1);
    assert.match(stderr, /Cannot back up stdin: "\/a": standard input was empty: did its producer fail\?/);
    const { stdout } = await run(["snapshot", "list", "--json"]);
    assert.deepEqual(JSON.parse(stdout), []);
  }));

Deno.test("--stdin-from-command runs what stands after --; where it fails there is no snapshot", () =>
  inDirectory(async (directory) => {
    const { run, cat } = await setUp(directory, FILES);
    const create = ["snapshot", "create", "--stdin", "a", "--stdin-from-command", "--"];
    const made = await run([...create, "printf", "%s", "--cron"]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(await cat("/a"), "--cron");
    const failed = await run([...create, "sh", "-c", "echo half; echo lost connection >&2; exit 1"]);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /Cannot back up stdin: "\/a": sh ended with 1: lost connection/);
    assert.equal(await cat("/a"), "--cron");
  }));

const MISUSES: readonly (readonly [string[], RegExp])[] = [
  [["--stdin", "a", "main"], /source sets and a pipe together; for a command add --stdin-from-command/],
  [["--stdin", "a", "--name", "main"], /the configuration has a source set of that name/],
  [["--stdin", "a", "--name", "a b"], /allowed are 1 to 64 letters/],
  [["--stdin", "/"], /Cannot back up a stream as "\/"/],
  [["--stdin-from-command", "--", "true"], /--stdin NAME says what its file is to be called/],
  [["--stdin", "a", "--stdin-from-command"], /write it at the end/],
  [["--stdin", "a", "--daemon"], /Cannot back up a pipe by schedule/],
];

Deno.test("what makes no sense with --stdin is refused", () =>
  inDirectory(async (directory) => {
    const { run } = await setUp(directory, FILES);
    for (const [words, message] of MISUSES) {
      const { code, stderr } = await run(["snapshot", "create", ...words], { stdin: "x" });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  }));
