import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { newHeader } from "../../src/seal/age.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { X25519Opener } from "../../src/seal/x25519.ts";

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
