import assert from "node:assert/strict";
import { compileExcludes } from "../../src/scan/exclude.ts";
import { UsageError } from "../../src/base/errors.ts";
import { cachesAndNoData, exampleConfig } from "../../src/config/example.ts";
import { parseConfig } from "../../src/config/config.ts";
import { configPath, loadConfig } from "../../src/config/load.ts";
import { defaultIndexPath, type Environment } from "../../src/config/machine.ts";
import { parseYaml } from "../../src/config/read.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };
const nothing = () => undefined;

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function yaml(s3 = ""): string {
  return `age_recipients: [${recipient}]\nhostname: web1\nsnapshots: {home: {paths: [/home]}}\nstorage_url: s3://bucket\n${s3}`;
}

Deno.test("configPath() prefers the flag, then the environment, then the system's place", () => {
  const environment = (name: string) => name === "VAULTIK_CONFIG" ? "/from/env.yml" : undefined;
  assert.equal(configPath("/from/flag.yml", environment), "/from/flag.yml");
  assert.equal(configPath(undefined, environment), "/from/env.yml");
  assert.equal(configPath(undefined, nothing), "/etc/vaultik/config.yml");
});

Deno.test("defaultIndexPath() is the system's for root and one's own for others", () => {
  assert.equal(defaultIndexPath(0, nothing), "/var/lib/vaultik/index.sqlite");
  const home = (name: string) => name === "HOME" ? "/home/ann" : undefined;
  assert.equal(defaultIndexPath(1000, home), "/home/ann/.local/state/vaultik/index.sqlite");
  const state = (name: string) => name === "XDG_STATE_HOME" ? "/state" : undefined;
  assert.equal(defaultIndexPath(1000, state), "/state/vaultik/index.sqlite");
  const library = "Library/Application Support/vaultik/index.sqlite";
  assert.deepEqual(
    [defaultIndexPath(501, home, "darwin"), defaultIndexPath(0, home, "darwin")],
    [`/home/ann/${library}`, `/${library}`],
  );
});

Deno.test("loadConfig() reads a file and warns when others can read the secret in it", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/c.yml`;
    await Deno.writeTextFile(path, yaml("s3: {access_key_id: AKIA, secret_access_key: hunter2}\n"), {
      mode: 0o644,
    });
    await Deno.chmod(path, 0o644);
    const open = await loadConfig(path, nothing);
    assert.equal(open.config.hostname, "web1");
    assert.deepEqual(open.warnings, [
      `${path} holds s3.secret_access_key and others than its owner have rights to it; do: chmod 600 ${path}`,
    ]);
    await Deno.chmod(path, 0o600);
    assert.deepEqual((await loadConfig(path, nothing)).warnings, []);
    await Deno.writeTextFile(path, yaml());
    await Deno.chmod(path, 0o644);
    assert.deepEqual((await loadConfig(path, nothing)).warnings, []);
  });
});

Deno.test("loadConfig() says how to make a configuration that is missing", async () => {
  await assert.rejects(
    loadConfig("/nowhere/c.yml", nothing),
    new UsageError(
      "Cannot read configuration /nowhere/c.yml: there is no such file; make it with vaultik --config /nowhere/c.yml init",
    ),
  );
});

Deno.test("loadConfig() refuses a directory", async () => {
  await inDirectory(async (directory) => {
    await assert.rejects(loadConfig(directory, nothing), UsageError);
  });
});

Deno.test("parseYaml() gives the place of a fault and repeats nothing of the text", () => {
  const table = [
    "a: [hunter2",
    "a: hunter2\na: hunter2",
    "a: *hunter2",
    "a: 'hunter2",
    "\thunter2: 1",
    "a: b: hunter2",
    "@hunter2",
    "a: %hunter2\n  - x",
    "--- 1\n--- hunter2",
    "a: !hunter2 x",
  ];
  for (const text of table) {
    assert.throws(() => parseYaml(text, "c.yml"), (error: Error) => {
      assert.ok(error instanceof UsageError, text);
      assert.match(
        error.message,
        /^Cannot use configuration c\.yml: (line \d+, column \d+ is not YAML \([a-z ]+\)|an alias)/,
      );
      assert.doesNotMatch(error.message, /hunter2|\n/);
      return true;
    });
  }
});

Deno.test("parseYaml() does not blow up on aliases of aliases", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 9; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  assert.throws(() => parseYaml(lines.join("\n"), "c.yml"), UsageError);
});

Deno.test("exampleConfig() is a configuration that loads", () => {
  const text = exampleConfig({
    recipients: [recipient],
    storageUrl: "file:///srv/my backup",
    paths: ["/home", '/we"ird # dir'],
    exclude: [],
  });
  const config = parseConfig(parseYaml(text, "c.yml"), "c.yml", DEFAULTS);
  assert.deepEqual(config.ageRecipients, [recipient]);
  assert.deepEqual(config.storage, { kind: "file", path: "/srv/my backup", connections: 2 });
  assert.deepEqual(config.snapshots.map(({ name, paths }) => [name, paths]), [["main", [
    "/home",
    '/we"ird # dir',
  ]]]);
});

Deno.test("exampleConfig() has settings that are off and load when they are turned on", () => {
  const text = exampleConfig({
    recipients: [recipient],
    storageUrl: "s3://bucket",
    paths: ["/home"],
    exclude: cachesAndNoData("linux"),
  });
  const on = text.replace(/^( *)#(?=\S)/gm, "$1").replace(/^# {2}(?=\w+:)/gm, "  ")
    .replace(/^one_file_system.*\n|^exclude_caches.*\n/gm, "");
  const config = parseConfig(parseYaml(on, "c.yml"), "c.yml", DEFAULTS);
  assert.equal(config.hostname, "web1");
  assert.ok(config.storage.kind === "s3" && config.storage.endpoint === "https://s3.example.com");
  assert.ok(config.snapshots[0]!.excludeCaches);
});

Deno.test("a new configuration on macOS leaves out what macOS keeps for itself, wherever it is", () => {
  const patterns = cachesAndNoData("darwin");
  for (const pattern of ["._*", ".DS_Store", "/Users/*/Library/Caches/"]) {
    assert.ok(patterns.includes(pattern), pattern);
  }
  const isExcluded = compileExcludes(patterns);
  assert.deepEqual(
    ["/Volumes/usb/._a", "/Volumes/usb/a", "/Users/ann/Library/Caches", "/Users/ann/Library"].map((path) =>
      isExcluded(path, path.endsWith("s"))
    ),
    [true, false, true, false],
  );
});

Deno.test("exampleConfig() with nothing known is refused with what is missing", () => {
  const text = exampleConfig({ recipients: [], paths: ["/home"], exclude: ["*.tmp"] });
  assert.throws(() => parseConfig(parseYaml(text, "c.yml"), "c.yml", DEFAULTS), /age_recipients is missing/);
});

Deno.test("keys may be in files, of which systemd hands over copies; what is wrong with one is said", async () => {
  await inDirectory(async (directory) => {
    const [path, secret] = [`${directory}/c.yml`, `${directory}/s3-secret`];
    const write = (s3: object) =>
      Deno.writeTextFile(path, yaml(`s3: ${JSON.stringify(s3)}\n`), { mode: 0o600 });
    const load = async (environment: Environment = nothing) => {
      const { config: { storage }, warnings } = await loadConfig(path, environment);
      assert.ok(storage.kind === "s3");
      return { key: storage.secretAccessKey?.reveal(), files: storage.keyFiles, warnings };
    };
    await write({ access_key_id: "AKIA", secret_access_key_file: secret });
    await assert.rejects(load(), /s3\.secret_access_key_file ".*s3-secret" cannot be read: No such file/);
    await Deno.writeTextFile(secret, "from the file\n");
    assert.deepEqual(await load(), { key: "from the file", files: [secret], warnings: [] });
    await Deno.mkdir(`${directory}/credentials`);
    await Deno.writeTextFile(`${directory}/credentials/s3-secret`, "from systemd");
    const environment = (name: string) =>
      name === "CREDENTIALS_DIRECTORY" ? `${directory}/credentials` : undefined;
    assert.equal((await load(environment)).key, "from systemd");
    await Deno.writeTextFile(secret, "\n");
    await assert.rejects(load(), /is empty/);
    await write({ access_key_id: "AKIA", secret_access_key: "x", secret_access_key_file: secret });
    await assert.rejects(load(), /leave one out/);
    await write({ access_key_id: "AKIA", secret_access_key_file: "s3-secret" });
    await assert.rejects(load(), /absolute path/);
  });
});
