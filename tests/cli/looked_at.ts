import assert from "node:assert/strict";
import { vaultik } from "./in_process.ts";

/** A machine with two source sets; `look` runs a command with its key. */
export async function setUp(directory: string) {
  const [config, key] = [`${directory}/c.yml`, `${directory}/key.txt`];
  const keygen = ["--keygen", "--identity-out", key];
  const url = `file://${directory}/store`;
  const made = await vaultik([
    "--config",
    config,
    "init",
    ...keygen,
    "--storage-url",
    url,
    "--path",
    "/nowhere",
  ]);
  assert.equal(made.code, 0, made.stderr);
  const text = (await Deno.readTextFile(config)).replace(/^snapshots:[\s\S]*?(?=^\S|$(?![\s\S]))/m, "");
  await Deno.writeTextFile(
    config,
    `${text}\nindex_path: ${directory}/state/index.sqlite\nhostname: web1\nsnapshots:\n` +
      `  system: {paths: ["${directory}/etc"]}\n  home: {paths: ["${directory}/home"]}\n`,
  );
  const write = async (name: string, contents: string) => {
    await Deno.mkdir(`${directory}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${directory}/${name}`, contents);
  };
  // Ids have the second in which a snapshot was begun: two of one second are in no order.
  const backUp = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1000 - Date.now() % 1000));
    const ran = await vaultik(["--config", config, "snapshot", "create"]);
    assert.equal(ran.code, 0, ran.stderr);
  };
  const look = (argv: string[], bytes?: Uint8Array[]) =>
    vaultik(["--config", config, ...argv, "--identity", key], { bytes });
  await write("etc/hosts", "127.0.0.1 localhost\n");
  await write("etc/ssh/sshd_config", "Port 22\n");
  await write("home/me/\x1b[31mred\nname", "evil");
  await backUp();
  return { directory, config, key, url, write, backUp, look };
}
