import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { openForIdentity, sealForIdentity } from "../../src/seal/identity_box.ts";
import { randomBytes } from "../chunk/random.ts";

const [own, other] = atLeast(2, await Promise.all([1, 2].map(() => generateKeyPair({ postQuantum: false }))));

Deno.test("a box for an identity gives back what was put in, to it alone and for the same purpose", () => {
  for (const size of [0, 1, 70_000]) {
    const plain = randomBytes(size, size);
    const box = sealForIdentity(plain, own.identity, "here");
    assert.deepEqual(openForIdentity(box, own.identity, "here"), plain);
    assert.deepEqual(openForIdentity(box, own.identity.toLowerCase(), "here"), plain);
    assert.equal(openForIdentity(box, other.identity, "here"), undefined);
    assert.equal(openForIdentity(box, own.identity, "there"), undefined);
    assert.notDeepEqual(sealForIdentity(plain, own.identity, "here"), box);
  }
});

Deno.test("a box that was changed or cut short anywhere is not opened", () => {
  const box = sealForIdentity(randomBytes(40, 1), own.identity, "");
  for (let at = 0; at < box.length; at++) {
    assert.equal(openForIdentity(box.with(at, box[at]! ^ 1), own.identity, ""), undefined, `byte ${at}`);
    assert.equal(openForIdentity(box.subarray(0, at), own.identity, ""), undefined, `${at} bytes`);
  }
});
