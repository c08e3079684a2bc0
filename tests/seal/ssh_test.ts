import assert from "node:assert/strict";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { openFile, sealFile } from "../../src/seal/file.ts";
import { generateKeyPair, readIdentities } from "../../src/seal/keys.ts";
import { checkRecipients } from "../../src/seal/recipients.ts";
import { isProtectedSshKey, openSshKey, readSshKey } from "../../src/seal/ssh_key_file.ts";
import { hasProgram } from "../e2e/vaultik.ts";
import { randomBytes } from "../chunk/random.ts";
import { ageDecrypt, ageEncrypt, agePath, whyWithoutAge } from "./age_program.ts";
import { PROTECTED_SSH_KEY, SSH_KEY, SSH_RECIPIENT } from "./ssh_keys.ts";

const PLAIN = randomBytes(1, 100_000);
const opener = new HeaderOpener(readIdentities(SSH_KEY, "the key"));

Deno.test("a file that is sealed to an SSH key is opened by its private key", async () => {
  checkRecipients([SSH_RECIPIENT]);
  assert.deepEqual(await openFile(await sealFile(PLAIN, [SSH_RECIPIENT]), opener), PLAIN);
  assert.ok(SSH_RECIPIENT.startsWith(`${readSshKey(SSH_KEY).recipient} `));
});

Deno.test("a file that is sealed to an age key and an SSH key is opened by either", async () => {
  const { identity, recipient } = await generateKeyPair({ postQuantum: false });
  const file = await sealFile(PLAIN, [recipient, SSH_RECIPIENT]);
  assert.deepEqual(await openFile(file, opener), PLAIN);
  assert.deepEqual(await openFile(file, new HeaderOpener([identity])), PLAIN);
});

Deno.test({
  name: `the age program opens what is sealed to an SSH key, and the other way round${whyWithoutAge}`,
  ignore: agePath === undefined,
  async fn() {
    assert.deepEqual(await ageDecrypt(await sealFile(PLAIN, [SSH_RECIPIENT]), SSH_KEY), PLAIN);
    assert.deepEqual(await openFile(await ageEncrypt(PLAIN, SSH_RECIPIENT), opener), PLAIN);
  },
});

Deno.test("a file of another SSH key is not for this one, a changed one is damaged", async () => {
  const { recipient } = await generateKeyPair({ postQuantum: false });
  await assert.rejects(openFile(await sealFile(PLAIN, [recipient]), opener), UsageError);
  const file = await sealFile(PLAIN, [SSH_RECIPIENT]);
  const start = new TextDecoder().decode(file.subarray(0, 300));
  const share = start.indexOf(" ", start.indexOf("ssh-ed25519 ") + 12) + 3;
  const changed = file.with(share, file[share] === 65 ? 66 : 65);
  await assert.rejects(openFile(changed, opener), CorruptionError);
});

Deno.test("SSH keys that cannot be used are refused with the reason", () => {
  const lines = SSH_KEY.trim().split("\n");
  const table: [string, RegExp][] = [
    [PROTECTED_SSH_KEY, /Cannot use k: a passphrase protects the SSH key/],
    ["-----BEGIN RSA PRIVATE KEY-----\nAAAA", /it is no OpenSSH private key/],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\n", /it is no OpenSSH private key/],
    [[lines[0], ...lines.slice(2)].join("\n"), /the SSH key is damaged/],
    [SSH_KEY.replace("AAAEAbfv2", "AAAEAbfv3"), /the SSH key is damaged/],
  ];
  for (const [text, expected] of table) assert.throws(() => readIdentities(text, "k"), expected);
});

Deno.test("a private key that is cut short anywhere is damaged, and no other error", () => {
  const lines = SSH_KEY.trim().split("\n");
  const body = lines.slice(1, -1).join("");
  for (let length = 0; length < body.length; length += 4) {
    const text = [lines[0], body.slice(0, length), lines.at(-1)].join("\n");
    assert.throws(() => readIdentities(text, "k"), /the SSH key is damaged/, `${length}`);
  }
});

Deno.test("a private key that a passphrase protects is opened by it, and by no other", async () => {
  assert.ok(isProtectedSshKey(PROTECTED_SSH_KEY));
  assert.ok(!isProtectedSshKey(SSH_KEY));
  assert.ok(!isProtectedSshKey("-----BEGIN RSA PRIVATE KEY-----\nAAAA"));
  assert.equal(
    (await openSshKey(PROTECTED_SSH_KEY, "x")).recipient,
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHK5z9mSmq3bo9GHkLQ49aqlD35G2HDZrlu5DjKYTOZ7",
  );
  for (const wrong of ["", "y", "x ", "x\n"]) {
    await assert.rejects(openSshKey(PROTECTED_SSH_KEY, wrong), /the passphrase is wrong/, wrong);
  }
});

Deno.test("a private key that a passphrase protects and that is cut short anywhere is damaged, and no other error", async () => {
  const lines = PROTECTED_SSH_KEY.trim().split("\n");
  const body = lines.slice(1, -1).join("");
  for (let length = 0; length < body.length; length += 4) {
    const text = [lines[0], body.slice(0, length), lines.at(-1)].join("\n");
    await assert.rejects(openSshKey(text, "x"), /the SSH key is damaged/, `${length}`);
  }
});

const sshKeygen = hasProgram("sh", "-c", "command -v ssh-keygen");

Deno.test({
  name: `keys that ssh-keygen has protected are opened${
    sshKeygen ? "" : " (NOT RUN: there is no ssh-keygen)"
  }`,
  ignore: !sshKeygen,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "vaultik-ssh-" });
    const passphrase = "correct horse ü";
    const ciphers = ["aes128-ctr", "aes256-ctr", "aes128-cbc", "aes256-cbc"];
    try {
      for (const [i, cipher] of ciphers.entries()) {
        const file = `${directory}/${cipher}`;
        const args = ["-q", "-t", "ed25519", "-a", String(i + 1), "-Z", cipher, "-N", passphrase, "-f", file];
        const made = await new Deno.Command("ssh-keygen", { args }).output();
        assert.ok(made.success, new TextDecoder().decode(made.stderr));
        const [recipient, key] = [await Deno.readTextFile(`${file}.pub`), await Deno.readTextFile(file)];
        assert.ok(recipient.startsWith(`${(await openSshKey(key, passphrase)).recipient} `), cipher);
        await assert.rejects(openSshKey(key, "correct horse"), /the passphrase is wrong/);
        const identity = await openSshKey(key, passphrase);
        const sealed = await sealFile(PLAIN, [recipient.trim()]);
        assert.deepEqual(await openFile(sealed, new HeaderOpener([identity])), PLAIN);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
