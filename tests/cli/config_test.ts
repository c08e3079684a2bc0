import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

const TEXT = `# Who opens it
age_recipients: [${recipient}]
storage_url: "s3://bucket" # by the sea
hostname: web1

snapshots:
  # all of it
  home: {paths: [/home]}
#threads: 4
s3:
  access_key_id: AKIA
  secret_access_key: hunter2
`;

async function withConfig(
  text: string,
  work: (file: string, config: (...words: string[]) => ReturnType<typeof vaultik>) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await inDirectory(async (directory) => {
    const file = `${directory}/c.yml`;
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    await work(file, (...words) => vaultik(["--config", file, "config", ...words], { env }));
  });
}

Deno.test("config check says all that is wrong at once", async () => {
  await withConfig(TEXT, async (file, config) => {
    assert.deepEqual(await config("check"), { code: 0, stdout: `${file} is in order\n`, stderr: "" });
    await Deno.writeTextFile(file, TEXT + "threads: 99\nmemory: 1\nexclud: []\n");
    const { code, stdout } = await config("check");
    assert.equal(code, 2);
    assert.equal(stdout.trim().split("\n").length, 3);
    for (const said of [/no key exclud; did you mean exclude\?/, /threads is 99/, /memory is 1;/]) {
      assert.match(stdout, said);
    }
    const { faults, ok } = JSON.parse((await config("check", "--json")).stdout);
    assert.deepEqual([faults.length, ok], [3, false]);
  });
});

Deno.test("config show shows no secret under a key that is misspelled or in the place of another, and no identity", async () => {
  const { recipient: _, identity } = await generateKeyPair({ postQuantum: false });
  const wrong = [
    "notify: {webhok: https://hunter2}",
    "notify: https://hunter2",
    "passwd: [hunter2]",
    "snapshots: {home: {paths: [/home], hooks: {befor: PASSWORD=hunter2}}}",
    `hostname: ${identity}`,
    `age_recipients: [${identity}]`,
  ];
  for (const line of wrong) {
    await withConfig(`storage_url: "s3://bucket"\n${line}\n`, async (_, config) => {
      for (const words of [["show"], ["show", "--json", "--defaults"]]) {
        const { code, stdout } = await config(...words);
        assert.equal(code, 0);
        assert.doesNotMatch(stdout, /hunter2|AGE-SECRET/);
        assert.match(stdout, /s3:\/\/bucket/);
      }
    });
  }
});

Deno.test("config show and get show values and defaults, and never a secret", async () => {
  await withConfig(TEXT, async (file, config) => {
    const { stdout } = await config("show");
    assert.match(stdout, /^storage_url: s3:\/\/bucket$/m);
    assert.match(stdout, /secret_access_key: "\*\*\*"/);
    assert.doesNotMatch((await config("show", "--json", "--defaults")).stdout, /hunter2/);
    assert.match((await config("show", "--defaults")).stdout, /^backup_interval: 1h$/m);
    const table: [key: string, said: string][] = [
      ["hostname", "web1"],
      ["snapshots.home.paths", "- /home"],
      ["s3.secret_access_key", "***"],
      ["s3.part_size", "64MiB"],
      ["backup_interval", "1h"],
    ];
    for (const [key, said] of table) assert.equal((await config("get", key)).stdout.trim(), said, key);
    assert.deepEqual(JSON.parse((await config("get", "hostname", "--json")).stdout), {
      key: "hostname",
      value: "web1",
      source: file,
      is_default: false,
    });
    assert.equal((await config("get", "metrics_file")).code, 4);
    const unknown = await config("get", "s3.buckett");
    assert.deepEqual([unknown.code, /did you mean s3\.bucket\?/.test(unknown.stderr)], [2, true]);
  });
});

Deno.test("config set changes one key and keeps comments, order and rights", async () => {
  await withConfig(TEXT, async (file, config) => {
    const changes: [words: string[], before: string, after: string][] = [
      [["hostname", "db1"], "hostname: web1", "hostname: db1"],
      [["storage_url", "file:///srv/backup"], "", ""],
      [["snapshots.home.exclude", '["*.iso"]'], "{paths: [/home]}", '{paths: [/home], exclude: ["*.iso"]}'],
      [["snapshots.etc.paths", "[/etc]"], "", ""],
      [["threads", "2"], "", ""],
    ];
    for (const [words, before, after] of changes) {
      if (words[0] === "storage_url") continue;
      const old = await Deno.readTextFile(file);
      assert.equal((await config("set", ...words)).code, 0, words.join(" "));
      const text = await Deno.readTextFile(file);
      if (before !== "") assert.equal(text, old.replace(before, after), words.join(" "));
    }
    const text = await Deno.readTextFile(file);
    for (const kept of ["# Who opens it", "# by the sea", "  # all of it", "#threads: 4", "\nthreads: 2"]) {
      assert.ok(text.includes(kept), kept);
    }
    assert.equal((await config("get", "snapshots.etc.paths")).stdout, "- /etc\n");
    await config("set", "snapshots.webData.paths", "[/web]");
    const { config: shown } = JSON.parse((await config("show", "--json")).stdout);
    assert.deepEqual(Object.keys(shown.snapshots), ["home", "etc", "webData"]);
    assert.equal((await config("set", "threads", "--unset")).code, 0);
    assert.equal((await config("get", "threads")).code, 4);
    assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
    const hidden = await config("set", "s3.secret_access_key", "hunter3");
    assert.doesNotMatch(hidden.stdout, /hunter3/);
    assert.deepEqual([...Deno.readDirSync(file.replace("/c.yml", ""))].length, 1);
  });
});

Deno.test("config set leaves the file alone where the result would not be sound", async () => {
  await withConfig(TEXT, async (file, config) => {
    const table: [string[], RegExp][] = [
      [["threads", "99"], /threads is 99; allowed is .*; nothing was changed/],
      [["storage_url", "file:///x"], /s3 is given, but storage_url/],
      [["thread", "1"], /no such key; did you mean threads\?/],
      [["hostname.x", "1"], /there is no such key/],
      [["threads"], /needed is either a value or --unset/],
      [["threads", "1", "--unset"], /needed is either a value or --unset/],
      [["snapshots", "--unset"], /snapshots is missing/],
      [["exclude", "[a"], /is not YAML/],
    ];
    for (const [words, said] of table) {
      const { code, stderr } = await config("set", ...words);
      assert.equal(code, 2, words.join(" "));
      assert.match(stderr, said);
      assert.equal(await Deno.readTextFile(file), TEXT);
    }
  });
});

Deno.test("config edit replaces the file by what is sound, and keeps what is not beside it", async () => {
  const edit = (script: string) => ({ EDITOR: `sed -i ${script}` });
  await withConfig(TEXT, async (file, config) => {
    assert.equal((await config("edit")).code, 0);
    assert.equal(await Deno.readTextFile(file), TEXT.replace("web1", "web2"));
    assert.ok(!await exists(`${file}.edited.yml`));
  }, edit("s/web1/web2/"));
  await withConfig(TEXT, async (file, config) => {
    const { code, stderr } = await config("edit");
    assert.equal(code, 2);
    assert.match(stderr, /no key hostnam;.*what you wrote is in .*edited\.yml/s);
    assert.equal(await Deno.readTextFile(file), TEXT);
    assert.match(await Deno.readTextFile(`${file}.edited.yml`), /^hostnam: web1$/m);
  }, edit("s/hostname/hostnam/"));
  await withConfig(TEXT, async (file, config) => {
    assert.match((await config("edit")).stderr, /stays as it was/);
    assert.equal(await Deno.readTextFile(file), TEXT);
  }, { EDITOR: "true" });
});

Deno.test("config schema prints what is kept in docs", async () => {
  const kept = await Deno.readTextFile(new URL("../../docs/config.schema.json", import.meta.url));
  const { stdout } = await vaultik(["config", "schema"]);
  assert.deepEqual(JSON.parse(stdout), JSON.parse(kept));
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("variables of programs are secrets for whoever looks at the configuration", async () => {
  const command = "{path: /dump, command: [pg_dump, app], env: {PGPASSWORD: hunter3}}";
  const text = TEXT.replace("{paths: [/home]}", `{paths: [/home], commands: [${command}]}`);
  await withConfig(text, async (file, config) => {
    assert.equal((await config("check")).code, 0);
    const shown = [
      await config("show"),
      await config("show", "--json"),
      await config("get", "snapshots.home"),
      await vaultik(["--config", file, "info", "--json"]),
      await vaultik(["--config", file, "info"]),
    ];
    for (const { code, stdout } of shown) {
      assert.equal(code, 0);
      assert.doesNotMatch(stdout, /hunter/);
    }
    assert.match(shown[0]!.stdout, /PGPASSWORD: "\*\*\*"/);
  });
});
