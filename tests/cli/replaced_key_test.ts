import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { inDirectory, vaultik } from "./in_process.ts";

/** A history whose first snapshot is for `old.key` alone, and whose second is for `new.key` alone. */
async function withReplacedKey(directory: string) {
  const config = ["--config", `${directory}/config.yml`];
  const run = async (...args: string[]) => await vaultik([...config, ...args]);
  const well = async (...args: string[]) => {
    const result = await run(...args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  };
  const [data, old] = [`${directory}/data`, `${directory}/old.key`];
  await Deno.mkdir(data);
  const store = ["--storage-url", `file://${directory}/store`, "--path", data];
  await well(
    "init",
    "--keygen",
    "--identity-out",
    old,
    ...store,
    "--index-path",
    `${directory}/index.sqlite`,
  );
  await Deno.writeTextFile(`${data}/hello.txt`, "hello");
  await well("snapshot", "create");
  const recipient = await well("keygen", "--output", `${directory}/new.key`);
  await well("config", "set", "age_recipients", `["${recipient.trim()}"]`);
  await Deno.writeTextFile(`${data}/later.txt`, "later");
  await well("snapshot", "create");
  return {
    run,
    path: (name: string) => `${data}/${name}`,
    key: (name: string) => `${directory}/${name}.key`,
  };
}

Deno.test("find and history look into the snapshots that a key opens, and name those of a key of before", async () => {
  await inDirectory(async (directory) => {
    const { run, path, key } = await withReplacedKey(directory);
    for (const words of [["find", "*.txt"], ["history", path("later.txt")]]) {
      const { code, stdout, stderr } = await run(...words, "--identity", key("new"));
      assert.equal(code, 2, stderr);
      assert.match(stdout, /later\.txt\n/);
      assert.match(
        stderr,
        /^warning: Cannot open snapshot \S+: it was made for another key.*another --identity\n$/,
      );
    }
    const both = ["--identity", key("new"), "--identity", key("old")];
    const { code, stderr } = await run("find", "*.txt", ...both);
    assert.equal(code, 0, stderr);
  });
});

Deno.test("a key that opens no snapshot is an error of its own, with the name of one and what to do", async () => {
  await inDirectory(async (directory) => {
    const { run, key } = await withReplacedKey(directory);
    await run("keygen", "--output", key("strange"));
    for (const words of [["find", "*"], ["snapshot", "verify", "--deep"], ["ls", "latest"]]) {
      const { code, stdout, stderr } = await run(...words, "--identity", key("strange"));
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(
        stderr,
        /^vaultik: Cannot open snapshot \d{8}T\S+: it was made for another key .*--identity\n$/,
      );
    }
  });
});
