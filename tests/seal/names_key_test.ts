import assert from "node:assert/strict";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import { fromBase64, fromHex, toBase64, toHex } from "../../src/base/bytes.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import { newNamesKey, openNames, sealNames, setTag } from "../../src/seal/names_key.ts";

const KEY = newNamesKey();
const OTHER = newNamesKey();
const PLAIN = new TextEncoder().encode('{"hostname":"web1"}');

Deno.test("newNamesKey() gives 32 bytes that are new each time", () => {
  assert.equal(fromBase64(KEY).length, 32);
  assert.notEqual(KEY, OTHER);
});

Deno.test("openNames() is the inverse of sealNames()", () =>
  fc.assert(fc.property(fc.uint8Array(), fc.string({ unit: "binary" }), (plain, context) => {
    assert.deepEqual(openNames(sealNames(plain, KEY, context), KEY, context), plain);
  })));

Deno.test("equal names do not look equal", () =>
  assert.notEqual(sealNames(PLAIN, KEY, "a"), sealNames(PLAIN, KEY, "a")));

const sealed = sealNames(PLAIN, KEY, "host id");

Deno.test("a change of any byte, another key and another context are damage", () => {
  const bytes = fromBase64(sealed);
  for (let i = 0; i < bytes.length; i++) {
    const damaged = toBase64(bytes.with(i, bytes[i]! ^ 1));
    assert.throws(() => openNames(damaged, KEY, "host id"), CorruptionError, String(i));
  }
  for (
    const [text, key, context] of [[sealed, OTHER, "host id"], [sealed, KEY, "host other"], [
      sealed,
      KEY,
      "",
    ]] as const
  ) {
    assert.throws(() => openNames(text, key, context), CorruptionError);
  }
});

for (const length of [0, 1, 23, 24, 39, 40]) {
  Deno.test(`${length} bytes are damage`, () =>
    assert.throws(() => openNames(toBase64(new Uint8Array(length)), KEY, "host id"), CorruptionError));
}

Deno.test("what is sealed is XChaCha20-Poly1305 with the nonce before it and the context as associated data", () => {
  const bytes = fromBase64(sealed);
  const cipher = xchacha20poly1305(
    fromBase64(KEY),
    bytes.subarray(0, 24),
    new TextEncoder().encode("host id"),
  );
  assert.deepEqual(cipher.decrypt(bytes.subarray(24)), PLAIN);
  // draft-irtf-cfrg-xchacha-03, A.3.1.
  const key = fromHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const nonce = fromHex("404142434445464748494a4b4c4d4e4f5051525354555657");
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
    "sunscreen would be it.";
  const vector = xchacha20poly1305(key, nonce, fromHex("50515253c0c1c2c3c4c5c6c7"))
    .encrypt(new TextEncoder().encode(text));
  assert.ok(toHex(vector).startsWith("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"));
  assert.ok(toHex(vector).endsWith("c0875924c1c7987947deafd8780acf49"));
});

Deno.test("setTag() is equal for equal names of one host only", () =>
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => {
    assert.match(setTag(a, KEY), /^[0-9a-f]{32}$/);
    assert.equal(setTag(a, KEY) === setTag(b, KEY), a === b);
    assert.notEqual(setTag(a, KEY), setTag(a, OTHER));
  })));
