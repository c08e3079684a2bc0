import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/config.ts";
import { parseYaml } from "../../src/config/read.ts";
import { readIdentities } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

async function load(path: string) {
  return parseConfig(parseYaml(await Deno.readTextFile(path), path), path, DEFAULTS);
}

Deno.test("keygen prints a key file, and the public key beside it where stdout is no terminal", async () => {
  for (
    const [flags, recipient] of [[[], /age1[a-z0-9]{58}\n/], [
      ["--post-quantum"],
      /age1pq1[a-z0-9]+\n/,
    ]] as const
  ) {
    const { code, stdout, stderr } = await vaultik(["keygen", ...flags]);
    assert.equal(code, 0);
    assert.equal(readIdentities(stdout, "stdout").length, 1);
    assert.match(stdout, recipient);
    assert.match(stderr, recipient);
    assert.ok(stdout.includes(stderr.replace("Public key: ", "# public key: ")));
  }
});

Deno.test("keygen --output writes a file for its owner alone and never overwrites one", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/key.txt`;
    const made = await vaultik(["keygen", "--output", file]);
    assert.equal(made.code, 0);
    assert.match(made.stdout, /^age1[a-z0-9]{58}\n$/);
    assert.doesNotMatch(made.stdout + made.stderr, /AGE-SECRET-KEY/);
    const text = await Deno.readTextFile(file);
    assert.equal(readIdentities(text, file).length, 1);
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
    const again = await vaultik(["keygen", "--output", file]);
    assert.deepEqual(again, {
      code: 2,
      stdout: "",
      stderr: `vaultik: Cannot write ${file}: it is there already, and an identity is never overwritten\n`,
    });
    assert.equal(await Deno.readTextFile(file), text);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["key.txt"]);
  });
});

Deno.test("keygen --output says where there is no such directory", async () => {
  const { code, stderr } = await vaultik(["keygen", "--output", "/nowhere/key.txt"]);
  assert.deepEqual([code, stderr], [
    2,
    "vaultik: Cannot write /nowhere/key.txt: there is no such directory\n",
  ]);
});

Deno.test("init --keygen prints the identity and puts only the recipient into the configuration", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/etc/vaultik.yml`;
    const { code, stdout, stderr } = await vaultik(
      [
        "--config",
        file,
        "init",
        "--keygen",
        "--storage-url",
        `file://${directory}/store`,
        "--path",
        "/a",
        "--path",
        "/b",
      ],
    );
    assert.equal(code, 0);
    assert.equal(readIdentities(stdout, "stdout").length, 1);
    assert.match(stderr, /does not belong on this machine/);
    assert.doesNotMatch(await Deno.readTextFile(file), /AGE-SECRET-KEY/);
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
    const config = await load(file);
    assert.ok(stdout.includes(config.ageRecipients[0]!));
    assert.deepEqual(config.snapshots[0]!.paths, ["/a", "/b"]);
    assert.equal((await vaultik(["info", "--config", file])).code, 0);
  });
});

Deno.test("init --identity-out writes the identity to a file for its owner alone", async () => {
  await inDirectory(async (directory) => {
    const [file, key] = [`${directory}/c.yml`, `${directory}/key.txt`];
    const argv = ["init", "--config", file, "--keygen", "--post-quantum", "--identity-out", key];
    const { code, stdout, stderr } = await vaultik(argv);
    assert.deepEqual([code, stdout], [0, ""]);
    assert.match(stderr, /Look at storage_url, snapshots in it/);
    assert.equal(readIdentities(await Deno.readTextFile(key), key).length, 1);
    assert.equal((await Deno.stat(key)).mode! & 0o777, 0o600);
    const again = await vaultik([...argv, "--force"]);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /an identity is never overwritten\n$/);
  });
});

Deno.test("init replaces a configuration only with --force", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yml`;
    await Deno.writeTextFile(file, "mine");
    const refused = await vaultik(["init", "--config", file, "--keygen"]);
    assert.deepEqual(refused, {
      code: 2,
      stdout: "",
      stderr: `vaultik: Cannot write configuration ${file}: it is there already; --force replaces it\n`,
    });
    assert.equal(await Deno.readTextFile(file), "mine");
    assert.equal((await vaultik(["init", "--config", file, "--force"])).code, 0);
    assert.match(await Deno.readTextFile(file), /^# Configuration of Vaultik/m);
  });
});

Deno.test("init refuses bad values before it writes anything", async () => {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yml`;
    const { recipient } = {
      recipient: (await vaultik(["keygen"])).stderr.trim().replace("Public key: ", ""),
    };
    const table: [string[], RegExp][] = [
      [["--recipient", "nonsense"], /^vaultik: Cannot use recipient: it is not an age public key/],
      [["--recipient", recipient, "--keygen", "--post-quantum"], /post-quantum/],
      [["--storage-url", "rclone://"], /allowed is rclone:/],
      [["--path", "home"], /an absolute path is needed/],
      [["--identity-out", `${directory}/key`], /they belong to --keygen/],
      [["--post-quantum"], /they belong to --keygen/],
    ];
    for (const [flags, expected] of table) {
      const { code, stdout, stderr } = await vaultik(["init", "--config", file, ...flags]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, expected);
      assert.deepEqual([...Deno.readDirSync(directory)], []);
    }
  });
});

Deno.test("init leaves no key behind when the configuration cannot be written", async () => {
  await inDirectory(async (directory) => {
    const [file, key] = [`${directory}/c.yml`, `${directory}/key.txt`];
    await Deno.mkdir(file);
    const { code, stderr } = await vaultik([
      "init",
      "--config",
      file,
      "--force",
      "--keygen",
      "--identity-out",
      key,
    ]);
    assert.notEqual(code, 0);
    assert.match(stderr, /vaultik: Cannot write [^\n]*\n$/);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["c.yml"]);
  });
});

Deno.test("init leaves out caches and what is no data below the paths that it is given, and says so", async () => {
  await inDirectory(async (directory) => {
    const cases: [path: string, excluded: string[]][] = [
      ["/", [
        "/proc/",
        "/sys/",
        "/dev/",
        "/run/",
        "/tmp/",
        "/var/tmp/",
        "/var/cache/",
        "/home/*/.cache/",
        "/root/.cache/",
      ]],
      ["/home", ["/home/*/.cache/"]],
      ["/etc", []],
      ["/tmp/mine", []],
    ];
    for (const [path, excluded] of cases) {
      const file = `${directory}/${path.replaceAll("/", "_")}.yml`;
      const { code, stderr } = await vaultik(["init", "--config", file, "--path", path]);
      assert.equal(code, 0);
      const said = ["It leaves out directories with a CACHEDIR.TAG", ...excluded].join(", ");
      assert.ok(stderr.includes(`${said}; nothing else.`), stderr);
      const config = parseYaml(await Deno.readTextFile(file), file) as Record<string, unknown>;
      assert.deepEqual(config.exclude ?? [], excluded);
      assert.equal(config.exclude_caches, true);
    }
  });
});

Deno.test("keygen --output - prints the key pair, and no name is refused", async () => {
  const { code, stdout } = await vaultik(["keygen", "--output", "-"]);
  assert.deepEqual([code, /^AGE-SECRET-KEY-1/m.test(stdout)], [0, true]);
  const refused = await vaultik(["keygen", "--output", ""]);
  assert.deepEqual([refused.code, /needs the name of a file/.test(refused.stderr)], [2, true]);
});
