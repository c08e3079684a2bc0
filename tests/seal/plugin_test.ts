import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { foundIn, PluginProcess } from "../../src/platform/plugin_process.ts";
import { HeaderOpener, newHeader } from "../../src/seal/age.ts";
import type { Header } from "../../src/seal/header.ts";
import { generateKeyPair, readIdentities } from "../../src/seal/keys.ts";
import { PluginIdentity, pluginProgram } from "../../src/seal/plugin.ts";
import type { PluginPrompts } from "../../src/seal/plugin_protocol.ts";
import { installStubPlugin, STUB_IDENTITY, STUB_PIN, STUB_RECIPIENT } from "../fixtures/stub_plugin.ts";

const HEADERS = Number(Deno.env.get("VAULTIK_TEST_PLUGIN_HEADERS") ?? 2_000);
const AT_A_TIME = 500;

function prompts(answer: string | undefined): PluginPrompts & { asked: string[] } {
  const asked: string[] = [];
  const ask = (question: string) => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  return { asked, show() {}, askSecret: ask, askText: ask, confirm: () => Promise.resolve(undefined) };
}

async function inScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-plugin-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function start(program: string): PluginProcess {
  return new PluginProcess(program, ["--age-plugin=identity-v1"], {});
}

Deno.test("one process of a plugin opens many headers", async () => {
  await inScratch(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const person = prompts(STUB_PIN);
    const identity = new PluginIdentity(STUB_IDENTITY, () => start(plugin.program), person);
    const opener = new HeaderOpener([identity]);
    const made: Header[] = [];
    for (let i = 0; i < 20; i++) made.push(await newHeader([STUB_RECIPIENT]));
    const headers = Array.from({ length: HEADERS }, (_, i) => made[i % made.length]!);
    for (let at = 0; at < headers.length; at += AT_A_TIME) {
      const batch = headers.slice(at, at + AT_A_TIME);
      const keys = await Promise.all(batch.map(({ bytes }) => opener.open(bytes)));
      assert.deepEqual(keys, batch.map(({ fileKey }) => fileKey));
    }
    const { starts, keys } = plugin.counts();
    assert.equal(keys, HEADERS);
    assert.ok(starts <= 2 * Math.ceil(HEADERS / AT_A_TIME), `${starts} starts`);
    assert.equal(person.asked.length, starts); // whoever asks a person asks once: tests/cli/identities_test.ts
  });
});

Deno.test("a header for another key is not opened, and costs the others nothing", async () => {
  await inScratch(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const identity = new PluginIdentity(STUB_IDENTITY, () => start(plugin.program), prompts(STUB_PIN));
    const opener = new HeaderOpener([identity]);
    const stranger = await newHeader([(await generateKeyPair({ postQuantum: false })).recipient]);
    const own = await newHeader([STUB_RECIPIENT]);
    const [refused, opened] = await Promise.allSettled([opener.open(stranger.bytes), opener.open(own.bytes)]);
    assert.ok(refused.status === "rejected" && refused.reason instanceof UsageError);
    assert.deepEqual(opened, { status: "fulfilled", value: own.fileKey });
  });
});

Deno.test("what a plugin says is wrong is said; without a person to ask it gets an answer that says so", async () => {
  await inScratch(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const { bytes } = await newHeader([STUB_RECIPIENT]);
    for (const answer of ["0000", undefined]) {
      const identity = new PluginIdentity(STUB_IDENTITY, () => start(plugin.program), prompts(answer));
      await assert.rejects(new HeaderOpener([identity]).open(bytes), {
        name: "UsageError",
        message: "Cannot open the backup with age-plugin-stub: the PIN is wrong",
      });
    }
  });
});

const READ_REQUEST = `while read -r line; do [ "$line" = "-> done" ] && break; done; read -r line`;

/** A plugin that says `output`, reads nothing and ends. */
async function openWith(output: string, directory: string): Promise<unknown> {
  const program = `${directory}/bad`;
  await Deno.writeTextFile(program, `#!/bin/sh\n${output}\n`);
  await Deno.chmod(program, 0o755);
  const identity = new PluginIdentity(STUB_IDENTITY, () => start(program), prompts(STUB_PIN));
  const { bytes } = await newHeader([STUB_RECIPIENT]);
  return await new HeaderOpener([identity]).open(bytes);
}

Deno.test("a plugin that breaks off, says nonsense or is not there is reported in one line", async () => {
  await inScratch(async (directory) => {
    const table: [output: string, expected: RegExp][] = [
      ["exit 1", /age-plugin-stub: it ended before it was done$/],
      ["echo 'no card' >&2; exit 1", /: it ended before it was done: no card$/],
      ["echo nonsense", /it ended before it was done$/],
      ["echo '-> file-key 0'", /it ended before it was done$/],
      ["head -c 300000 /dev/zero; sleep 10", /it ended before it was done$/],
      [`${READ_REQUEST}; echo '-> done'; echo`, /made for another key/],
    ];
    for (const [output, expected] of table) {
      await assert.rejects(openWith(output, directory), (error) => {
        assert.ok(error instanceof UsageError, output);
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.throws(() => start(`${directory}/none`), /it is not in the PATH/);
  });
});

Deno.test("a plugin is searched for in the absolute directories of PATH alone", async () => {
  await inScratch(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const name = "age-plugin-stub";
    assert.equal(foundIn(`:.:/none:${directory}`, name), plugin.program);
    const here = Deno.cwd();
    const relative = "../".repeat(here.split("/").length) + directory.slice(1);
    for (const path of ["", ".", ":", relative]) {
      assert.throws(() => foundIn(path, name), Deno.errors.NotFound, path);
    }
    assert.throws(() => new PluginProcess(name, [], { PATH: relative }), /it is not in the PATH/);
  });
});

Deno.test("the program of a plugin is named by its identity alone", () => {
  assert.equal(pluginProgram("AGE-PLUGIN-YUBIKEY-1QQQQ"), "age-plugin-yubikey");
  assert.equal(pluginProgram("AGE-PLUGIN-FIDO2-HMAC-1QQQQ"), "age-plugin-fido2-hmac");
  for (const line of ["AGE-PLUGIN-", "AGE-PLUGIN-../X-1QQ", "AGE-PLUGIN-A B-1QQ"]) {
    assert.throws(() => pluginProgram(line), UsageError);
  }
  assert.throws(() => readIdentities(STUB_IDENTITY, "k"), /opened by a plugin/);
});
