import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { armor, Encrypter } from "age-encryption";
import { atLeast } from "../../src/base/at_least.ts";
import { programWords } from "../e2e/vaultik.ts";
import {
  installStubPlugin,
  STUB_IDENTITY,
  STUB_PIN,
  STUB_PLUGIN_RECIPIENT,
  STUB_RECIPIENT,
} from "../fixtures/stub_plugin.ts";
import { openSshKey } from "../../src/seal/ssh_key_file.ts";
import { PROTECTED_SSH_KEY, SSH_KEY, SSH_RECIPIENT } from "../seal/ssh_keys.ts";
import { inDirectory, type Ran, type RunOptions, vaultik } from "./in_process.ts";

/** Enough for a test: the default takes a second. */
const SCRYPT_LOG_N = 10;
const PASSPHRASE = "correct horse";

interface Machine {
  readonly directory: string;
  restore(keys: readonly string[], options?: RunOptions): Promise<Ran>;
  /** What came back, which is then removed. */
  restored(): Promise<string>;
}

/** A machine with one backup, sealed to `recipient`. */
async function backedUp(directory: string, recipient: string): Promise<Machine> {
  const [config, data, target] = atLeast(
    3,
    ["c.yml", "data", "restored"].map((name) => `${directory}/${name}`),
  );
  const url = `file://${directory}/store`;
  const init = ["init", "--recipient", recipient, "--storage-url", url, "--path", data];
  const made = await vaultik(["--config", config, ...init]);
  assert.equal(made.code, 0, made.stderr);
  const more =
    `index_path: ${directory}/state/index.sqlite\nhostname: web1\nchunk_size: 64KiB\nblob_size_limit: 256KiB\n`;
  await Deno.writeTextFile(config, more, { append: true });
  await Deno.mkdir(data, { recursive: true });
  for (let i = 0; i < 12; i++) {
    await Deno.writeFile(`${data}/${i}`, crypto.getRandomValues(new Uint8Array(60_000)));
  }
  await Deno.writeTextFile(`${data}/hello.txt`, "hello");
  const created = await vaultik(["snapshot", "create", "--config", config]);
  assert.equal(created.code, 0, created.stderr);
  return {
    directory,
    restore: (keys, options) =>
      vaultik([
        "restore",
        "latest",
        target,
        "--storage-url",
        url,
        ...keys.flatMap((key) => ["--identity", key]),
      ], options),
    async restored() {
      const text = await Deno.readTextFile(`${target}${data}/hello.txt`);
      await Deno.remove(target, { recursive: true });
      return text;
    },
  };
}

async function keyFile(directory: string, name: string, text: string | Uint8Array): Promise<string> {
  const file = `${directory}/${name}`;
  await Deno.writeFile(file, typeof text === "string" ? new TextEncoder().encode(text) : text, {
    mode: 0o600,
  });
  return file;
}

async function newKey(): Promise<{ text: string; recipient: string }> {
  const { stdout, stderr } = await vaultik(["keygen"]);
  return { text: stdout, recipient: stderr.trim().replace("Public key: ", "") };
}

async function protect(text: string, passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(SCRYPT_LOG_N);
  return await encrypter.encrypt(text);
}

async function sealTo(text: string, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return await encrypter.encrypt(text);
}

Deno.test("a backup for an SSH key is restored with its private key", async () => {
  await inDirectory(async (directory) => {
    const machine = await backedUp(directory, SSH_RECIPIENT);
    const { code, stderr } = await machine.restore([await keyFile(directory, "id_ed25519", SSH_KEY)]);
    assert.equal(code, 0, stderr);
    assert.equal(await machine.restored(), "hello");
    const env = { VAULTIK_AGE_SECRET_KEY: SSH_KEY };
    assert.equal((await machine.restore([], { env })).code, 0);
  });
});

Deno.test("an SSH key that a passphrase protects opens a backup, or a key file, after one question", async () => {
  await inDirectory(async (directory) => {
    const { recipient } = await openSshKey(PROTECTED_SSH_KEY, "x");
    const machine = await backedUp(directory, recipient);
    const file = await keyFile(directory, "id_ed25519", PROTECTED_SSH_KEY);
    const questions: string[] = [];
    const typed = { secret: (question: string) => (questions.push(question), "x") };
    const asked = await machine.restore([file], typed);
    assert.equal(asked.code, 0, asked.stderr);
    assert.deepEqual(questions, [`Passphrase of identity file ${file}: `]);
    assert.equal(await machine.restored(), "hello");
    const wrong = await machine.restore([file], { env: { VAULTIK_AGE_PASSPHRASE: "y" } });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /Cannot use identity file .*id_ed25519: the passphrase is wrong\n$/);
    const silent = await machine.restore([file]);
    assert.match(silent.stderr, /a passphrase protects it, and there is no terminal to ask at/);
  });
});

Deno.test("a key file that a passphrase protects is opened after one question, or without any", async () => {
  await inDirectory(async (directory) => {
    const key = await newKey();
    const machine = await backedUp(directory, key.recipient);
    const binary = await protect(key.text, PASSPHRASE);
    const files = [
      await keyFile(directory, "key.age", binary),
      await keyFile(directory, "key.asc", armor.encode(binary)),
    ];
    const passphraseFile = await keyFile(directory, "passphrase", `${PASSPHRASE}\n`);
    for (const file of files) {
      const questions: string[] = [];
      const secret = (question: string) => {
        questions.push(question);
        return PASSPHRASE;
      };
      const asked = await machine.restore([file], { secret });
      assert.equal(asked.code, 0, asked.stderr);
      assert.deepEqual(questions, [`Passphrase of identity file ${file}: `]);
      assert.equal(await machine.restored(), "hello");
      const unasked: Record<string, string>[] = [
        { VAULTIK_AGE_PASSPHRASE: PASSPHRASE },
        { VAULTIK_AGE_PASSPHRASE_FILE: passphraseFile },
      ];
      for (const env of unasked) {
        const silent = await machine.restore([file], { env });
        assert.equal(silent.code, 0, silent.stderr);
        assert.equal(await machine.restored(), "hello");
      }
    }
  });
});

Deno.test("a key file that cannot be opened says why and restores nothing", async () => {
  await inDirectory(async (directory) => {
    const [key, other] = [await newKey(), await newKey()];
    const machine = await backedUp(directory, key.recipient);
    const binary = await protect(key.text, PASSPHRASE);
    const good = await keyFile(directory, "key.age", binary);
    const cut = await keyFile(directory, "cut.age", binary.slice(0, -1));
    const twice = await keyFile(directory, "twice.age", await protect(armor.encode(binary), PASSPHRASE));
    const sealed = await keyFile(directory, "sealed.age", await sealTo(key.text, key.recipient));
    const stranger = await keyFile(directory, "other.txt", other.text);
    const typed = { secret: () => PASSPHRASE };
    const table: [keys: string[], options: RunOptions, expected: RegExp][] = [
      [[good], { secret: () => "wrong" }, /: the passphrase is wrong\n$/],
      [[good], {}, /there is no terminal to ask at; VAULTIK_AGE_PASSPHRASE or/],
      [
        [good],
        { env: { VAULTIK_AGE_PASSPHRASE_FILE: "/nowhere" } },
        /passphrase file \/nowhere: there is no/,
      ],
      [[cut], typed, /: it is damaged\n$/],
      [[twice], typed, /an encrypted file within another/],
      [[sealed], {}, /it is sealed to another key; give that too/],
      [[sealed, stranger], {}, /it is sealed to another key than those given\n$/],
    ];
    for (const [keys, options, expected] of table) {
      const { code, stderr } = await machine.restore(keys, options);
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
      assert.ok(!stderr.includes(PASSPHRASE));
      await assert.rejects(machine.restored(), Deno.errors.NotFound);
    }
  });
});

Deno.test("a restore with the key of a plugin asks for its PIN once", async () => {
  await inDirectory(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const machine = await backedUp(directory, STUB_RECIPIENT);
    const key = await keyFile(directory, "stub.txt", `# a card\n${STUB_IDENTITY}\n`);
    const questions: string[] = [];
    const { code, stderr } = await machine.restore([key], {
      env: { PATH: plugin.path },
      secret: (question) => {
        questions.push(question);
        return STUB_PIN;
      },
    });
    assert.equal(code, 0, stderr);
    assert.equal(await machine.restored(), "hello");
    assert.deepEqual(questions, ["age-plugin-stub: PIN of the stub: "]);
    assert.ok(plugin.counts().keys >= 3, "the keys of the host, the snapshot and blobs were opened");

    const absent = await machine.restore([key], { env: { PATH: "/nowhere" } });
    assert.equal(absent.code, 2);
    assert.match(absent.stderr, /Cannot use age-plugin-stub: it is not in the PATH\n$/);
  });
});

Deno.test("a backup is sealed by a plugin, in a process that finds it in its PATH, and restored by its identity", async () => {
  await inDirectory(async (directory) => {
    const plugin = await installStubPlugin(directory);
    await Deno.mkdir(`${directory}/data`);
    await Deno.writeTextFile(`${directory}/data/hello.txt`, "hello");
    await Deno.writeTextFile(
      `${directory}/c.yml`,
      `age_recipients: [${STUB_PLUGIN_RECIPIENT}]\nstorage_url: file://${directory}/store\n` +
        `index_path: ${directory}/i.sqlite\nsnapshots: {home: {paths: [${directory}/data]}}\n`,
    );
    const create = (PATH: string) => {
      const [program, ...args] = atLeast(1, programWords());
      return new Deno.Command(program, {
        args: [...args, "--config", `${directory}/c.yml`, "snapshot", "create"],
        env: { PATH },
      }).output();
    };
    const without = await create(Deno.env.get("PATH")!);
    assert.equal(without.code, 2);
    assert.match(
      new TextDecoder().decode(without.stderr),
      /Cannot use age-plugin-stub: it is not in the PATH/,
    );
    const made = await create(plugin.path);
    assert.equal(made.code, 0, new TextDecoder().decode(made.stderr));
    const key = await keyFile(directory, "stub.txt", STUB_IDENTITY);
    const restored = await vaultik([
      ...["restore", "latest", `${directory}/back`, "--storage-url", `file://${directory}/store`],
      ...["--identity", key],
    ], { env: { PATH: plugin.path }, secret: () => STUB_PIN });
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(await Deno.readTextFile(`${directory}/back${directory}/data/hello.txt`), "hello");
  });
});

Deno.test("a key file that is sealed to a plugin is opened by it once, and blobs not at all", async () => {
  await inDirectory(async (directory) => {
    const plugin = await installStubPlugin(directory);
    const key = await newKey();
    const machine = await backedUp(directory, key.recipient);
    const sealed = await keyFile(directory, "key.age", await sealTo(key.text, STUB_RECIPIENT));
    const card = await keyFile(directory, "stub.txt", STUB_IDENTITY);
    const options = { env: { PATH: plugin.path }, secret: () => STUB_PIN };
    const { code, stderr } = await machine.restore([card, sealed], options);
    assert.equal(code, 0, stderr);
    assert.equal(await machine.restored(), "hello");
    assert.deepEqual(plugin.counts(), { starts: 1, keys: 1 });
  });
});
