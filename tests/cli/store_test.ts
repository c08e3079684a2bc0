import assert from "node:assert/strict";
import { InterruptedError } from "../../src/base/errors.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });

Deno.test("snapshot list works without a configuration on an empty store", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}`;
    assert.deepEqual(await vaultik(["snapshot", "list", "--storage-url", url, "--json"]), {
      code: 0,
      stdout: "[]\n",
      stderr: "",
    });
    assert.deepEqual(await vaultik(["snapshot", "list", "--storage-url", url]), {
      code: 0,
      stdout: "No snapshots yet\n  1 request (1 list)\n",
      stderr: "",
    });
  });
});

Deno.test("store info works without a configuration on an empty store", async () => {
  await inDirectory(async (directory) => {
    const { code, stdout } = await vaultik([
      "store",
      "info",
      "--storage-url",
      `file://${directory}`,
      "--json",
    ]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).snapshots, 0);
  });
});

Deno.test("a snapshot that is not there is exit code 4, one line", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}`;
    for (const id of ["latest", "web1_home_20260101T000000Z"]) {
      const verify = await vaultik(["snapshot", "verify", id, "--storage-url", url]);
      assert.equal(verify.code, 4);
      assert.match(verify.stderr, /^vaultik: Cannot [^\n]*\n$/);
      const restore = await vaultik(["restore", id, `${directory}/to`, "--storage-url", url], {
        env: { VAULTIK_AGE_SECRET_KEY: identity },
      });
      assert.equal(restore.code, 4);
      assert.deepEqual([...Deno.readDirSync(directory)], []);
    }
  });
});

Deno.test("what needs a key says where it would take it from, before it looks at the store", async () => {
  const missing =
    "vaultik: Cannot open the backup: no identity (secret key) is given; use --identity FILE or set " +
    "VAULTIK_AGE_SECRET_KEY\n";
  for (const argv of [["restore", "latest", "/tmp/x"], ["snapshot", "verify", "latest", "--deep"]]) {
    assert.deepEqual(await vaultik(argv), { code: 2, stdout: "", stderr: missing });
    const env = { VAULTIK_AGE_SECRET_KEY: recipient };
    const wrong = await vaultik(argv, { env });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^vaultik: Cannot use VAULTIK_AGE_SECRET_KEY, line 1: it is a public key/);
    const none = await vaultik([...argv, "--identity", "/no/key"], { env });
    assert.equal(none.stderr, "vaultik: Cannot read identity file /no/key: there is no such file\n");
    const directory = await vaultik([...argv, "--identity", "/"], { env });
    assert.equal(directory.stderr, "vaultik: Cannot read identity file /: it is not a readable file\n");
  }
});

Deno.test("restore refuses a relative path of the snapshot", async () => {
  const { code, stderr } = await vaultik(["restore", "latest", "/tmp/x", "etc/hosts"]);
  assert.deepEqual(
    [code, stderr],
    [
      2,
      'vaultik: Cannot restore "etc/hosts": paths of a snapshot are absolute, as in /etc/hosts; patterns have a *\n',
    ],
  );
});

Deno.test("options that contradict each other are refused", async () => {
  const table: [string[], RegExp][] = [
    [["--storage-url", "file:///x", "--config", "/c.yml"], /together with --config/],
    [["--storage-url", "file:///x", "--s3-endpoint", "h"], /--storage-url is not s3/],
    [["--s3-endpoint", "h"], /belongs to --storage-url/],
    [["--storage-url", "s3://bucket", "--s3-endpoint", "http://h/path"], /Cannot use the S3 endpoint/],
    [["--storage-url", "x"], /^vaultik: Cannot use --storage-url "x": allowed is/],
    [["--storage-url", "file:///nowhere/at/all"], /^vaultik: Cannot open "\/nowhere\/at\/all" as a store/],
  ];
  for (const [flags, expected] of table) {
    const { code, stderr } = await vaultik(["snapshot", "list", ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, expected);
  }
});

Deno.test("an interruption ends the waiting for a server that is not there with 130", async () => {
  await inDirectory(async (directory) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    const file = `${directory}/c.yml`;
    await Deno.writeTextFile(
      file,
      `age_recipients: [${recipient}]\nhostname: web1\nsnapshots: {home: {paths: [/home]}}\nstorage_url: s3://bucket\n` +
        `s3: {endpoint: "http://127.0.0.1:${port}", access_key_id: AKIA, secret_access_key: hunter2}\n`,
    );
    await Deno.chmod(file, 0o600);
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new InterruptedError("Interrupted by SIGINT")), 300);
    const { code, stdout, stderr } = await vaultik(["snapshot", "list", "--config", file], {
      signal: abort.signal,
    });
    clearTimeout(timer);
    assert.deepEqual([code, stdout], [130, ""]);
    assert.match(stderr, /vaultik: Interrupted by SIGINT\n$/);
  });
});

Deno.test("info shows the configuration in effect without secrets", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yml`;
    await Deno.writeTextFile(
      file,
      `age_recipients: [${recipient}]\nhostname: web1\nsnapshots: {home: {paths: [/home]}}\nstorage_url: s3://bucket/web1\n` +
        `s3: {access_key_id: AKIA, secret_access_key: hunter2}\nindex_path: ${directory}/index.sqlite\n`,
      { mode: 0o600 },
    );
    await Deno.chmod(file, 0o600);
    const words = await vaultik(["info", "--config", file]);
    assert.deepEqual([words.code, words.stderr], [0, ""]);
    assert.match(words.stdout, /store +s3:\/\/bucket\/web1\n/);
    assert.match(words.stdout, /s3 secret key +\*\*\*\n/);
    assert.match(words.stdout, /index +.*not there yet/);
    const json = await vaultik(["info", "--config", file, "--json"]);
    assert.equal(JSON.parse(json.stdout).config.storage.secret_access_key, "***");
    assert.doesNotMatch(words.stdout + json.stdout, /hunter2/);
    await Deno.chmod(file, 0o644);
    const open = await vaultik(["info", "--config", file]);
    assert.match(open.stderr, /^warning: .*holds s3\.secret_access_key.*chmod 600/);
  });
});

Deno.test("snapshot create names the snapshot that was meant", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yml`;
    await Deno.writeTextFile(
      file,
      `age_recipients: [${recipient}]\nhostname: web1\nsnapshots: {home: {paths: [/home]}, etc: {paths: [/etc]}}\n` +
        `storage_url: file://${directory}/store\nindex_path: ${directory}/index.sqlite\n`,
    );
    const near = await vaultik(["snapshot", "create", "hom", "--config", file]);
    assert.deepEqual(
      [near.code, near.stderr],
      [2, 'vaultik: Cannot back up "hom": no snapshot of that name is configured; did you mean home?\n'],
    );
    const far = await vaultik(["snapshot", "create", "databases", "--config", file]);
    assert.match(far.stderr, /; there are home, etc\n$/);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["c.yml"]);
  });
});
