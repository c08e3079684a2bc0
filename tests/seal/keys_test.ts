import assert from "node:assert/strict";
import { Decrypter, Encrypter } from "age-encryption";
import { UsageError } from "../../src/base/errors.ts";
import { generateKeyPair, readIdentities } from "../../src/seal/keys.ts";
import { checkRecipients } from "../../src/seal/recipients.ts";

const classic = await generateKeyPair({ postQuantum: false });
const hybrid = await generateKeyPair({ postQuantum: true });

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail("nothing was refused");
}

Deno.test("generateKeyPair() makes pairs that seal and open", async () => {
  assert.match(classic.identity, /^AGE-SECRET-KEY-1/);
  assert.match(classic.recipient, /^age1[a-z0-9]{58}$/);
  assert.match(hybrid.identity, /^AGE-SECRET-KEY-PQ-1/);
  assert.match(hybrid.recipient, /^age1pq1/);
  for (const { identity, recipient } of [classic, hybrid]) {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    assert.equal(await decrypter.decrypt(await encrypter.encrypt("hello"), "text"), "hello");
  }
});

Deno.test("checkRecipients() passes one or several keys of one kind", async () => {
  checkRecipients([classic.recipient]);
  checkRecipients([classic.recipient, (await generateKeyPair({ postQuantum: false })).recipient]);
  checkRecipients([hybrid.recipient]);
  checkRecipients(["age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e"]);
  checkRecipients([hybrid.recipient, (await generateKeyPair({ postQuantum: true })).recipient]);
});

Deno.test("checkRecipients() refuses a secret key and does not repeat a letter of it", () => {
  for (const { identity } of [classic, hybrid]) {
    for (const secret of [identity, identity.toLowerCase(), ` ${identity}`, `age1 ${identity}`]) {
      const message = refusal(() => checkRecipients([classic.recipient, secret]));
      assert.match(message, /^Cannot use recipient 2 of 2: it is a SECRET key/);
      assert.doesNotMatch(message, new RegExp(identity.slice(20, 30), "i"));
    }
  }
});

Deno.test("checkRecipients() refuses mixed kinds and says why", () => {
  assert.equal(
    refusal(() => checkRecipients([classic.recipient, hybrid.recipient])),
    "Cannot use the recipients together: 1 of 2 are post-quantum (age1pq1…, age1tagpq1…), the others are not, and whoever breaks one " +
      "classic key would open what the post-quantum keys protect; use one kind only",
  );
});

Deno.test("checkRecipients() refuses what cannot be sealed to", () => {
  const last = classic.recipient.endsWith("q") ? "p" : "q";
  const table: [string[], RegExp][] = [
    [[], /no recipient is given/],
    [[""], /not an age public key/],
    [["correct horse battery staple"], /^Cannot use recipient: it is not an age public key/],
    [[classic.recipient.slice(0, -1) + last], /checksum/],
    [[classic.recipient.slice(0, -1)], /checksum/],
    [[hybrid.recipient.slice(0, -1)], /checksum/],
    [[`${classic.recipient} `], /spaces around/],
    [["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6"], /SSH key is damaged/],
    [["ssh-rsa AAAA"], /SSH keys of type ssh-rsa cannot/],
    [["age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4f"], /checksum/],
    [["AGE-PLUGIN-YUBIKEY-1QQQQ"], /SECRET key/],
  ];
  for (const [recipients, expected] of table) {
    assert.match(refusal(() => checkRecipients(recipients)), expected);
  }
  assert.doesNotMatch(refusal(() => checkRecipients(["correct horse"])), /horse/);
});

Deno.test("readIdentities() reads an age-keygen file in any line ending", () => {
  const file =
    `# created: 2026-01-01T00:00:00Z\n# public key: ${classic.recipient}\n\n${classic.identity}\n` +
    `  ${hybrid.identity}  \n`;
  const expected = [classic.identity, hybrid.identity];
  assert.deepEqual(readIdentities(file, "key.txt"), expected);
  assert.deepEqual(readIdentities(file.replaceAll("\n", "\r\n"), "key.txt"), expected);
  assert.deepEqual(readIdentities(`\uFEFF${file}`, "key.txt"), expected);
  assert.deepEqual(readIdentities(classic.identity, "VAULTIK_AGE_SECRET_KEY"), [classic.identity]);
});

Deno.test("readIdentities() names the line and never the secret", () => {
  const broken = classic.identity.slice(0, -1) + (classic.identity.endsWith("Q") ? "P" : "Q");
  const table: [string, RegExp][] = [
    ["", /^Cannot use k: there is no identity/],
    ["# only a comment\n", /there is no identity/],
    [`# a\n${classic.recipient}\n`, /^Cannot use k, line 2: it is a public key/],
    [broken, /^Cannot use k, line 1: the identity is damaged/],
    [classic.identity.slice(0, -1), /damaged/],
    [classic.identity.toLowerCase(), /not an age identity/],
    ["hunter2", /not an age identity/],
    ["AGE-PLUGIN-YUBIKEY-1QQQQ", /plugin/],
    ["age-encryption.org/v1\n-> scrypt", /encrypted file within another/],
    ["-----BEGIN AGE ENCRYPTED FILE-----\n", /encrypted file within another/],
    ["-----BEGIN OPENSSH PRIVATE KEY-----\n", /no OpenSSH private key/],
  ];
  for (const [text, expected] of table) {
    const message = refusal(() => readIdentities(text, "k"));
    assert.match(message, expected);
    assert.doesNotMatch(message, /hunter2|QQQQ/);
    assert.doesNotMatch(message, new RegExp(classic.identity.slice(20, 30), "i"));
  }
});
