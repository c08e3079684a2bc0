import assert from "node:assert/strict";
import { bech32 } from "@scure/base";
import { Decrypter } from "age-encryption";
import { atLeast } from "../../src/base/at_least.ts";
import { fromHex, toHex, toLatin1 } from "../../src/base/bytes.ts";
import { UsageError } from "../../src/base/errors.ts";
import { newHeader } from "../../src/seal/age.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { X25519Opener } from "../../src/seal/x25519.ts";

/** Of RFC 7748's curve; the others differ from these by multiples of its prime. */
const LOW_ORDER_POINTS = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
];

const [own, other] = atLeast(2, await Promise.all([1, 2].map(() => generateKeyPair({ postQuantum: false }))));
const hybrid = await generateKeyPair({ postQuantum: true });

Deno.test("X25519Opener opens what is sealed to its key, whichever recipient it is", async () => {
  for (const recipients of [[own], [own, other], [other, own]]) {
    const { bytes, fileKey } = await newHeader(recipients.map(({ recipient }) => recipient));
    assert.deepEqual(new X25519Opener(own.identity).open(bytes), fileKey);
    assert.deepEqual(new X25519Opener(own.identity.toLowerCase()).open(bytes), fileKey);
  }
});

Deno.test("X25519Opener leaves a header that is for others, or of another kind, to others", async () => {
  for (const { recipient } of [other, hybrid]) {
    const { bytes } = await newHeader([recipient]);
    assert.equal(new X25519Opener(own.identity).open(bytes), undefined);
  }
});

Deno.test("X25519Opener opens no header of which a byte was changed", async () => {
  const { bytes } = await newHeader([own.recipient]);
  const opener = new X25519Opener(own.identity);
  for (let at = 0; at < bytes.length; at++) {
    assert.equal(opener.open(bytes.with(at, bytes[at]! ^ 1)), undefined, `byte ${at}`);
  }
});

Deno.test("a public key with which all have the same secret seals nothing", async () => {
  for (const point of LOW_ORDER_POINTS) {
    const recipient = bech32.encodeFromBytes("age", fromHex(point));
    await assert.rejects(newHeader([own.recipient, recipient]), UsageError, point);
  }
});

Deno.test("the package opens what newHeader makes, for each of its keys, and no two have a key or a share in common", async () => {
  const seen = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const { bytes, fileKey } = await newHeader([own.recipient, other.recipient]);
    for (const { identity } of [own, other]) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      assert.deepEqual(await decrypter.decryptHeader(bytes), fileKey);
    }
    for (const [share] of toLatin1(bytes).matchAll(/X25519 .*/g)) seen.add(share);
    seen.add(toHex(fileKey));
  }
  assert.equal(seen.size, 60);
});
