import assert from "node:assert/strict";
import { fromBase64, fromHex, toBase64, toHex } from "../../src/base/bytes.ts";
import { newSigningKey, publicKeyOf, signText, verifyText } from "../../src/seal/signature.ts";

/** RFC 8032, section 7.1, those whose message is text: secret key, public key, message, signature. */
const VECTORS = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "r",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
] as const;

for (const [secret, publicKey, message, signature] of VECTORS) {
  Deno.test(`signText() signs ${JSON.stringify(message)} as RFC 8032 has it`, () => {
    const key = toBase64(fromHex(secret));
    assert.equal(toHex(fromBase64(publicKeyOf(key))), publicKey);
    assert.equal(toHex(fromBase64(signText(message, key))), signature);
    assert.ok(verifyText(message, toBase64(fromHex(signature)), toBase64(fromHex(publicKey))));
  });
}

const key = newSigningKey();
const publicKey = publicKeyOf(key);
const TEXT = '{"vaultik_manifest":1,"name":"naïve 😀"}';
const signature = signText(TEXT, key);

Deno.test("newSigningKey() gives 32 bytes that are new each time", () => {
  assert.equal(fromBase64(key).length, 32);
  assert.equal(fromBase64(publicKey).length, 32);
  assert.notEqual(newSigningKey(), key);
});

Deno.test("verifyText() accepts what signText() signed", () =>
  assert.ok(verifyText(TEXT, signature, publicKey)));

Deno.test("verifyText() finds a change of any character of the text", () => {
  for (let i = 0; i < TEXT.length; i++) {
    const changed = TEXT.slice(0, i) + "x" + TEXT.slice(i + 1);
    assert.equal(verifyText(changed, signature, publicKey), false);
  }
  assert.equal(verifyText(TEXT + " ", signature, publicKey), false);
  assert.equal(verifyText("", signature, publicKey), false);
});

Deno.test("verifyText() finds a change of any byte of the signature and of the key", () => {
  const flip = (base64: string, i: number) => {
    const bytes = fromBase64(base64);
    return toBase64(bytes.with(i, bytes[i]! ^ 1));
  };
  for (let i = 0; i < 64; i++) assert.equal(verifyText(TEXT, flip(signature, i), publicKey), false);
  for (let i = 0; i < 32; i++) assert.equal(verifyText(TEXT, signature, flip(publicKey, i)), false);
});

Deno.test("verifyText() says no, and does not throw, where signature or key are none", () => {
  for (const bad of ["", "AAAA", "not base64!", toBase64(new Uint8Array(63)), toBase64(new Uint8Array(65))]) {
    assert.equal(verifyText(TEXT, bad, publicKey), false);
    assert.equal(verifyText(TEXT, signature, bad), false);
  }
  assert.equal(verifyText(TEXT, signature, publicKeyOf(newSigningKey())), false);
});
