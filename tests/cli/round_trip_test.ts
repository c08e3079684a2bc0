import assert from "node:assert/strict";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

/** A machine with a configuration and files to back up; `url` and `key` are all that survives it. */
async function setUp(directory: string) {
  const [config, key, data] = [`${directory}/c.yml`, `${directory}/key.txt`, `${directory}/data`];
  const url = `file://${directory}/store`;
  const keygen = ["--keygen", "--identity-out", key];
  const made = await vaultik(["--config", config, "init", ...keygen, "--storage-url", url, "--path", data]);
  assert.equal(made.code, 0, made.stderr);
  await Deno.writeTextFile(config, `index_path: ${directory}/state/index.sqlite\nhostname: web1\n`, {
    append: true,
  });
  await Deno.mkdir(`${data}/inner`, { recursive: true });
  await Deno.writeTextFile(`${data}/hello.txt`, "hello");
  await Deno.writeTextFile(`${data}/inner/large`, "0123456789abcdef".repeat(100_000));
  return { config, key, data, url };
}

Deno.test("init, create, list, verify and restore, the last three without any configuration", async () => {
  await inDirectory(async (directory) => {
    const { config, key, data, url } = await setUp(directory);
    const created = await vaultik(["snapshot", "create", "--config", config, "--json"]);
    assert.equal(created.code, 0, created.stderr);
    const { id, files, bytes } = JSON.parse(created.stdout);
    assert.deepEqual([files, bytes], [2, 1_600_005]);
    const silent = await vaultik(["snapshot", "create", "main", "--config", config, "--cron"]);
    assert.deepEqual(silent, { code: 0, stdout: "", stderr: "" });

    const listed = JSON.parse((await vaultik(["snapshot", "list", "--storage-url", url, "--json"])).stdout);
    assert.equal(listed.length, 2);
    assert.deepEqual(
      Object.keys(listed[0]),
      [
        "id",
        "host",
        "started_at",
        "finished_at",
        "incomplete",
        "suspicious",
        "pinned",
        "bytes_added",
      ],
    );
    assert.equal(listed[0].id, id);
    const [own] = JSON.parse((await vaultik(["snapshot", "list", "--config", config, "--json"])).stdout);
    assert.deepEqual([own.id, own.host, own.hostname, own.name, own.files], [
      id,
      listed[0].host,
      "web1",
      "main",
      2,
    ]);

    for (const deep of [[], ["--deep", "--identity", key]]) {
      const verified = await vaultik(["snapshot", "verify", "latest", ...deep, "--storage-url", url]);
      assert.equal(verified.code, 0, verified.stderr);
      assert.match(verified.stdout, / is sound: /);
    }
    const env = { VAULTIK_AGE_SECRET_KEY: await Deno.readTextFile(key) };
    const target = `${directory}/restored`;
    const restored = await vaultik(["restore", id, target, "--storage-url", url], { env });
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(await Deno.readTextFile(`${target}${data}/hello.txt`), "hello");
    const large = await Deno.readTextFile(`${target}${data}/inner/large`);
    assert.ok(large === await Deno.readTextFile(`${data}/inner/large`));
  });
});

Deno.test("names of snapshots are sealed, or with names: public for everybody who may list the store", async () => {
  await inDirectory(async (directory) => {
    const { config, url } = await setUp(directory);
    const names = async () => {
      const { stdout } = await vaultik(["snapshot", "list", "--storage-url", url, "--json"]);
      return JSON.parse(stdout).map(({ hostname, name }: Record<string, unknown>) => [hostname, name]);
    };
    assert.equal((await vaultik(["snapshot", "create", "--config", config])).code, 0);
    assert.deepEqual(await names(), [[undefined, undefined]]);
    await Deno.writeTextFile(config, "names: public\n", { append: true });
    assert.equal((await vaultik(["snapshot", "create", "--config", config])).code, 0);
    assert.deepEqual(await names(), [[undefined, undefined], ["web1", "main"]]);
  });
});

Deno.test("what cannot be read is exit code 3 and listed, with --skip-errors listed and 0", async () => {
  await inDirectory(async (directory) => {
    const { config, data } = await setUp(directory);
    await Deno.writeTextFile(
      config,
      (await Deno.readTextFile(config)).replace(`"${data}"`, `"${data}"\n      - /nowhere`),
    );
    const lacks =
      /INCOMPLETE: \d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8} lacks 1 file or directory that could not be read.*:\n {2}\/nowhere: .*\n(What to do: correct the paths[^\n]*\n)?$/;
    for (const [flags, exit] of [[[], 3], [["--cron"], 3], [["--skip-errors"], 0]] as const) {
      const { code, stderr } = await vaultik(["snapshot", "create", "--config", config, ...flags]);
      assert.equal(code, exit, stderr);
      assert.match(stderr, lacks);
    }
    const listed = JSON.parse((await vaultik(["snapshot", "list", "--config", config, "--json"])).stdout);
    assert.deepEqual(listed.map(({ incomplete }: { incomplete: boolean }) => incomplete), [true, true, true]);
  });
});

Deno.test("a blob that is missing is exit code 5 and named, by verify and by restore", async () => {
  await inDirectory(async (directory) => {
    const { config, key, url } = await setUp(directory);
    assert.equal((await vaultik(["snapshot", "create", "--config", config])).code, 0);
    await Deno.remove(`${hostDirectory(`${directory}/store`)}/blobs`, { recursive: true });
    const verified = await vaultik(["snapshot", "verify", "latest", "--storage-url", url]);
    assert.equal(verified.code, 5);
    assert.match(verified.stderr, /^DAMAGED: .*\n {2}.*blobs\/.*\n/);
    const restored = await vaultik([
      "restore",
      "latest",
      `${directory}/to`,
      "--storage-url",
      url,
      "--identity",
      key,
    ]);
    assert.equal(restored.code, 5);
    assert.match(restored.stderr, /DAMAGED: 2 files of .* could not be restored whole:\n/);
    assert.match(restored.stderr, /: not there:\n {4}\/.*\/data\/hello\.txt\n/);
  });
});
