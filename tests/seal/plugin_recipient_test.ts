import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { UsageError } from "../../src/base/errors.ts";
import { PluginProcess } from "../../src/platform/plugin_process.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { PluginIdentity } from "../../src/seal/plugin.ts";
import { pluginOf, PluginRecipient } from "../../src/seal/plugin_recipient.ts";
import { checkLabels, checkRecipients } from "../../src/seal/recipients.ts";
import { Encrypter } from "age-encryption";
import {
  installStubPlugin,
  STUB_IDENTITY,
  STUB_PIN,
  STUB_PLUGIN_RECIPIENT,
  type StubPlugin,
} from "../fixtures/stub_plugin.ts";
import { agePath, whyWithoutAge } from "./age_program.ts";

const FILE_KEY = new Uint8Array(16).map((_, i) => i);

async function withPlugin(work: (plugin: StubPlugin, directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-plugin-" });
  try {
    await work(await installStubPlugin(directory), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function recipientBy(program: string, env: Record<string, string> = {}): PluginRecipient {
  return new PluginRecipient(
    STUB_PLUGIN_RECIPIENT,
    () => new PluginProcess(program, ["--age-plugin=recipient-v1"], env),
  );
}

function opener({ program }: StubPlugin): HeaderOpener {
  const person = {
    show() {},
    askSecret: () => Promise.resolve(STUB_PIN),
    askText: () => Promise.resolve(undefined),
    confirm: () => Promise.resolve(undefined),
  };
  const start = () => new PluginProcess(program, ["--age-plugin=identity-v1"], {});
  return new HeaderOpener([new PluginIdentity(STUB_IDENTITY, start, person)]);
}

Deno.test("the program of a recipient is named by it alone, and those that age knows take none", async () => {
  assert.equal(pluginOf(STUB_PLUGIN_RECIPIENT), "age-plugin-stub");
  const known = await Promise.all([false, true].map((postQuantum) => generateKeyPair({ postQuantum })));
  for (const { recipient } of known) assert.equal(pluginOf(recipient), undefined);
  const damaged = STUB_PLUGIN_RECIPIENT.slice(0, -1) + (STUB_PLUGIN_RECIPIENT.endsWith("q") ? "p" : "q");
  assert.equal(pluginOf(damaged), undefined);
  checkRecipients([STUB_PLUGIN_RECIPIENT, known[0]!.recipient]);
  checkRecipients([STUB_PLUGIN_RECIPIENT, known[1]!.recipient]);
  assert.throws(() => checkRecipients([damaged]), /is damaged: its checksum or its length is wrong/);
});

Deno.test("what a plugin seals is opened by its identity", () =>
  withPlugin(async (plugin) => {
    const [{ args, body }] = atLeast(1, await recipientBy(plugin.program).wrapFileKey(FILE_KEY));
    assert.deepEqual([args[0], args.length, body.length], ["X25519", 2, 32]);
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipientBy(plugin.program));
    const file = await encrypter.encrypt("hello");
    const end = new TextDecoder().decode(file).indexOf("\n--- ");
    const header = file.subarray(0, file.indexOf(0x0a, end + 1) + 1);
    assert.equal((await opener(plugin).open(header)).length, 16);
    assert.deepEqual(plugin.counts(), { starts: 3, keys: 3 });
  }));

Deno.test({
  name: `the age program seals with the same plugin, and its identity opens that${whyWithoutAge}`,
  ignore: agePath === undefined,
  fn: () =>
    withPlugin(async (plugin, directory) => {
      const sealed = `${directory}/sealed`;
      const args = ["-r", STUB_PLUGIN_RECIPIENT, "-o", sealed, plugin.program];
      const { success, stderr } = await new Deno.Command(agePath!, { args, env: { PATH: plugin.path } })
        .output();
      assert.ok(success, new TextDecoder().decode(stderr));
      const file = await Deno.readFile(sealed);
      const end = new TextDecoder().decode(file).indexOf("\n--- ");
      const header = file.subarray(0, file.indexOf(0x0a, end + 1) + 1);
      assert.equal((await opener(plugin).open(header)).length, 16);
    }),
});

Deno.test("a plugin that cannot seal, breaks off or is not there makes one line of why", () =>
  withPlugin(async (plugin, directory) => {
    const broken = async (script: string) => {
      const program = `${directory}/bad`;
      await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(program, 0o755);
      return recipientBy(program);
    };
    const read = `while read -r line; do [ "$line" = "-> done" ] && break; done; read -r line`;
    const table: [recipient: PluginRecipient, expected: RegExp][] = [
      [recipientBy(plugin.program, { STUB_FAULT: "no card" }), /with age-plugin-stub: no card$/],
      [await broken("exit 1"), /with age-plugin-stub: it ended before it was done$/],
      [recipientBy(`${directory}/none`), /it is not in the PATH$/],
    ];
    for (const [recipient, expected] of table) {
      await assert.rejects(recipient.wrapFileKey(FILE_KEY), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, expected);
        return true;
      });
    }
    const silent = await broken(`${read}; echo '-> done'; echo; read -r line`);
    await assert.rejects(silent.wrapFileKey(FILE_KEY), /it sealed nothing$/);
  }));

Deno.test("labels of a plugin are kept to: post-quantum ones stand beside post-quantum ones alone", () =>
  withPlugin(async (plugin) => {
    const [classic, hybrid] = atLeast(
      2,
      await Promise.all(
        [false, true].map(async (postQuantum) => (await generateKeyPair({ postQuantum })).recipient),
      ),
    );
    const [plain, labelled] = [
      recipientBy(plugin.program),
      recipientBy(plugin.program, { STUB_LABELS: "postquantum" }),
    ];
    await plain.wrapFileKey(FILE_KEY);
    await labelled.wrapFileKey(FILE_KEY);
    checkLabels([plain]);
    checkLabels([labelled]);
    checkLabels([plain, classic]);
    checkLabels([labelled, hybrid]);
    for (const mixed of [[plain, hybrid], [labelled, classic], [plain, labelled]]) {
      assert.throws(() => checkLabels(mixed), /Cannot use the recipients together/);
    }
  }));
