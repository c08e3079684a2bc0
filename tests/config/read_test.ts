import assert from "node:assert/strict";
import process from "node:process";
import { UsageError } from "../../src/base/errors.ts";
import { parseYaml, parseYamlDocument, readConfiguration } from "../../src/config/read.ts";
import { expand, type Expansion } from "../../src/config/expand.ts";
import { isSecretKey, keyPaths } from "../../src/config/key_paths.ts";
import { loadConfig } from "../../src/config/load.ts";
import { refuser } from "../../src/config/refusal.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory } from "../cli/in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const ENVIRONMENT: Readonly<Record<string, string>> = { HOME: "/home/ann", N: "8", NAME: "web1" };
const environment = (name: string) => ENVIRONMENT[name];
const EXPANSION: Expansion = {
  environment,
  readSecret: (path) => path === "/key" ? "from a file\n" : "",
  isSecret: isSecretKey,
};

function expanded(text: string): { value: any; secrets: string[] } {
  const document = parseYamlDocument(text, "c.yml");
  const secrets = expand(document, EXPANSION, refuser("c.yml"));
  return { value: document.toJS(), secrets };
}

Deno.test("variables, ~ and files of secrets stand for what they name", () => {
  const table: [string, unknown][] = [
    ["a: ${NAME}", "web1"],
    ["a: x-${NAME}-${NONE:-y}", "x-web1-y"],
    ["a: ${NONE:-}", ""],
    ["a: ${N}", 8],
    ['a: "${N}"', "8"],
    ["a: $${N}", "${N}"],
    ["a: $N", "$N"],
    ["a: ~/x", "/home/ann/x"],
    ["a: file://~/x", "file:///home/ann/x"],
    ["a: ~ann/x", "~ann/x"],
    ["a: x~/", "x~/"],
    ["a: file:/key", "file:/key"],
  ];
  for (const [text, a] of table) assert.deepEqual(expanded(text).value, { a }, text);
});

Deno.test("a shell's variables and patterns are left alone", () => {
  const text = 'hooks: {before: "echo ${HOME} ~/x"}\nexclude: ["~/x", "/${NAME}"]';
  assert.deepEqual(expanded(text).value, {
    hooks: { before: "echo ${HOME} ~/x" },
    exclude: ["~/x", "/web1"],
  });
});

Deno.test("a secret may be in a file of its own, and those that are not are reported", () => {
  const text = "s3: {secret_access_key: file:/key}\nnotify: {webhook: 'https://x/y', ntfy_token: '${N}'}";
  const { value, secrets } = expanded(text);
  assert.equal(value.s3.secret_access_key, "from a file");
  assert.deepEqual([value.notify.ntfy_token, secrets], ["8", ["notify.webhook"]]);
});

Deno.test("what stands for nothing is refused with its key", () => {
  const table: [string, RegExp][] = [
    [
      "a: {b: '${NONE}'}",
      /a\.b needs the environment variable NONE, which is not set; set it, or write \$\{NONE:-/,
    ],
    ["a: ${", /a has a \$\{ that is no variable/],
    ["a: ${1x}", /a has a \$\{ that is no variable/],
    ["s3: {secret_access_key: file:/none}", /s3\.secret_access_key is in the file "\/none", which is empty/],
  ];
  for (const [text, said] of table) assert.throws(() => expanded(text), said, text);
});

async function files(contents: Readonly<Record<string, string>>, work: (path: string) => Promise<void>) {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/d`);
    for (const [name, text] of Object.entries(contents)) {
      await Deno.writeTextFile(`${directory}/${name}`, text.replaceAll("DIR", directory));
    }
    await work(directory);
  });
}

Deno.test("what includes comes after what is included, maps key by key and lists as a whole", async () => {
  const contents = {
    "c.yml": "include: [base.yml, 'd/*.yml']\nsnapshots: {home: {paths: [/home]}}\nthreads:\n",
    "base.yml":
      "snapshots: {home: {paths: [/x], exclude: [a]}, etc: {paths: [/etc]}}\nthreads: 1\nmemory: 1GiB",
    "d/20.yml": "threads: 3",
    "d/10.yml": "threads: 2\ninclude: ../more.yml",
    "d/.hidden.yml": "threads: 9",
    "d/x.txt": "threads: 9",
    "more.yml": "memory: 2GiB",
  };
  await files(contents, async (directory) => {
    const read = await readConfiguration(`${directory}/c.yml`, EXPANSION);
    assert.deepEqual(JSON.parse(JSON.stringify(read.value)), {
      snapshots: { home: { paths: ["/home"], exclude: ["a"] }, etc: { paths: ["/etc"] } },
      threads: 3,
      memory: "2GiB",
    });
    const names = ["base.yml", "more.yml", "d/10.yml", "d/20.yml", "c.yml"];
    assert.deepEqual(read.files, names.map((name) => `${directory}/${name}`));
    const sources = ["threads", "memory", "snapshots.home.paths[0]", "snapshots.etc", "nothing"]
      .map((key) => read.sourceOf(key).slice(directory.length + 1));
    assert.deepEqual(sources, ["d/20.yml", "more.yml", "c.yml", "base.yml", "c.yml"]);
  });
});

Deno.test("an include that cannot be is refused", async () => {
  const contents = {
    "self.yml": "include: self.yml",
    "a.yml": "include: b.yml",
    "b.yml": "include: [a.yml]",
    "none.yml": "include: nothing.yml",
    "odd.yml": "include: {a: b}",
  };
  const table: [string, RegExp][] = [
    ["self.yml", /self\.yml: it includes itself/],
    ["a.yml", /a\.yml: it includes itself/],
    ["none.yml", /nothing\.yml: there is no such file; .*none\.yml includes it/],
    ["odd.yml", /include is something else/],
  ];
  await files(contents, async (directory) => {
    for (const [name, said] of table) {
      await assert.rejects(readConfiguration(`${directory}/${name}`, EXPANSION), (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, said);
        return true;
      });
    }
  });
});

Deno.test("a refusal names the file that says the key; hooks count in each file, and a secret where it is", async () => {
  const base = `age_recipients: [${recipient}]\nsnapshots: {home: {paths: [/home]}}\nhostname: web1\n`;
  const contents = {
    "c.yml": "include: base.yml\nstorage_url: 's3://bucket'\n",
    "base.yml": `${base}s3: {access_key_id: A, secret_access_key: hunter2}\n`,
    "bad.yml": "include: wrong.yml\nstorage_url: 'file:///x'\n",
    "wrong.yml": `${base}threads: 99\n`,
  };
  await files(contents, async (directory) => {
    await Deno.chmod(`${directory}/base.yml`, 0o644);
    const { warnings } = await loadConfig(`${directory}/c.yml`, environment);
    assert.match(warnings[0]!, /base\.yml holds s3\.secret_access_key/);
    await assert.rejects(loadConfig(`${directory}/bad.yml`, environment), /wrong\.yml: threads is 99/);
    await Deno.writeTextFile(`${directory}/base.yml`, `${base}hooks: {before: "true"}\n`);
    await Deno.chmod(`${directory}/base.yml`, 0o666);
    await assert.rejects(loadConfig(`${directory}/c.yml`, environment), /base\.yml: it has commands/);
  });
});

Deno.test("keyPaths() has every key, and knows which are secrets", () => {
  const paths = keyPaths();
  for (const path of ["threads", "s3.bucket", "snapshots.*.hooks.before", "guard.files", "prices.*"]) {
    assert.ok(paths.includes(path), path);
  }
  const secrets = paths.filter((path) => isSecretKey(path.split(".")));
  assert.deepEqual(secrets, [
    "s3.secret_access_key",
    "notify.healthchecks",
    "notify.uptime_kuma",
    "notify.ntfy",
    "notify.ntfy_token",
    "notify.webhook",
  ]);
});

Deno.test("a file that the parser of YAML cannot take, as it calls itself too often, is refused like any other", () => {
  const item = (indent: string) => `    - from: 1\n${indent}to: 2\n`;
  const text = `limits:\n  schedule:\n${item(" !    ")}${item("      ").repeat(10_000)}connections: 8\n`;
  assert.throws(() => parseYamlDocument(text, "c.yml"), {
    name: "UsageError",
    message: "Cannot use configuration c.yml: it is too long, or nested too deep",
  });
});

Deno.test("nothing is printed of a map in the place of a key", async () => {
  const warnings: string[] = [];
  const listener = ({ message }: Error) => void warnings.push(message);
  process.on("warning", listener);
  try {
    parseYaml("s3: {? {secret_access_key: hunter2} : 1}", "c.yml");
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off("warning", listener);
  }
  assert.deepEqual(warnings, []);
});
