import assert from "node:assert/strict";
import { InterruptedError } from "../../src/base/errors.ts";
import { vaultik } from "./in_process.ts";

const COMMANDS = [
  [],
  ["init"],
  ["keygen"],
  ["snapshot"],
  ["snapshot", "create"],
  ["snapshot", "list"],
  ["snapshot", "verify"],
  ["restore"],
  ["info"],
  ["store"],
  ["store", "info"],
  ["version"],
];

Deno.test("run() shows a help for every command that ends with its exit codes and one example", async () => {
  for (const words of COMMANDS) {
    const { code, stdout, stderr } = await vaultik([...words, "--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.match(stdout, new RegExp(`^Usage: vaultik ${words.join(" ")}`));
    assert.match(stdout, /\nExit codes:\n {2}0 {4}done\n( {2}\d.*\n)+\nExample:\n {2}vaultik .*\n$/);
    assert.match(stdout, /--config <file>/);
  }
});

Deno.test("run() shows the help on stderr and exits with 2 where there is no command", async () => {
  for (const words of [[], ["snapshot"], ["store"]]) {
    const { code, stdout, stderr } = await vaultik(words);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^Usage: vaultik/);
  }
});

Deno.test("run() refuses what it does not know with one line and exit code 2", async () => {
  const table: [string[], string][] = [
    [["snapshots"], "unknown command 'snapshots'; did you mean snapshot?"],
    [["snapshot", "lst"], "unknown command 'lst'; did you mean list?"],
    [["version", "--jsn"], "unknown option '--jsn'"],
    [["snapshot", "create", "--skip-error"], "unknown option '--skip-error'; did you mean --skip-errors?"],
    [["restore"], "missing required argument 'id'"],
    [["info", "--config"], "option '-c, --config <file>' argument missing"],
    [["keygen", "x"], "too many arguments for 'keygen'. Expected 0 arguments but got 1: x"],
  ];
  for (const [argv, state] of table) {
    const ran = await vaultik(argv);
    assert.deepEqual(ran, {
      code: 2,
      stdout: "",
      stderr: `vaultik: Cannot run this command: ${state} (see vaultik --help)\n`,
    });
  }
});

Deno.test("run() takes --config before and after the command, over VAULTIK_CONFIG", async () => {
  const state = (path: string) => ({
    code: 2,
    stdout: "",
    stderr:
      `vaultik: Cannot read configuration ${path}: there is no such file; make it with vaultik --config ${path} init\n`,
  });
  const env = { VAULTIK_CONFIG: "/no/env.yml" };
  assert.deepEqual(
    await vaultik(["--config", "/no/a.yml", "snapshot", "create"], { env }),
    state("/no/a.yml"),
  );
  assert.deepEqual(
    await vaultik(["snapshot", "create", "--config", "/no/a.yml"], { env }),
    state("/no/a.yml"),
  );
  assert.deepEqual(
    await vaultik(["snapshot", "--config=/no/a.yml", "list", "--json"], { env }),
    state("/no/a.yml"),
  );
  assert.deepEqual(await vaultik(["info"], { env }), state("/no/env.yml"));
});

Deno.test("run() never repeats a secret key, wherever it was put", async () => {
  const key = "AGE-SECRET-KEY-1AYHUGS0RGKR3KMYLY23E3KDL7MP8CHSR30X6G8CJKUKCWJHSD35QDDGS75";
  const places = [
    [key],
    ["keygen", key],
    ["init", "--recipient", key],
    ["restore", "latest", "/tmp/x", key],
    ["restore", "latest", "/tmp/x", "--identity", key],
    ["snapshot", "verify", "latest", "--deep", `--identity=${key}`],
    ["info", "--config", key],
    ["snapshot", "list", "--storage-url", key],
    ["snapshot", "list", `--${key}`],
  ];
  for (const argv of places) {
    const { code, stdout, stderr } = await vaultik(argv);
    assert.equal(code, 2);
    assert.doesNotMatch(stdout + stderr, /AYHUGS0RGKR3/);
    assert.match(stderr, /^vaultik: Cannot [^\n]*\n$/);
  }
});

Deno.test("run() tells the version", async () => {
  const { code, stdout } = await vaultik(["version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^vaultik \d+\.\d+\.\d+\ndeno \d/);
  assert.match((await vaultik(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
});

Deno.test("run() ends with 130 when it was interrupted", async () => {
  const abort = new AbortController();
  abort.abort(new InterruptedError("Interrupted by SIGINT"));
  const ran = await vaultik(["restore", "latest", "/tmp/x"], { signal: abort.signal });
  assert.deepEqual(ran, { code: 130, stdout: "", stderr: "vaultik: Interrupted by SIGINT\n" });
});

Deno.test("run() reports a bug that came to light elsewhere, although the command went well", async () => {
  const abort = new AbortController();
  abort.abort(new TypeError("x is undefined"));
  const { code, stderr } = await vaultik(["version"], { signal: abort.signal });
  assert.equal(code, 1);
  assert.match(stderr, /^vaultik: this is a bug in Vaultik .*\n {2}TypeError: x is undefined\n/);
});
