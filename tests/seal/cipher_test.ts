import assert from "node:assert/strict";
import fc from "fast-check";
import { getCiphers } from "node:crypto";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import {
  type Cipher,
  cipher,
  nativeCipher,
  portableCipher,
  systemCipher,
  TAG_BYTES,
} from "../../src/seal/cipher.ts";
import { randomBytes } from "../chunk/random.ts";

const KEY = randomBytes(1, 32);
const NONCE = randomBytes(2, 12);
const CIPHERS: [name: string, cipher: Cipher | undefined][] = [
  ["system's", systemCipher()],
  ["native", getCiphers().includes("chacha20-poly1305") ? nativeCipher : undefined],
  ["portable", portableCipher],
];
const HERE = CIPHERS.filter((pair): pair is [string, Cipher] => pair[1] !== undefined);

function seal(cipher: Cipher, plain: Uint8Array): Uint8Array {
  const out = new Uint8Array(plain.length + TAG_BYTES);
  cipher.seal(KEY, NONCE, plain, out);
  return out;
}

Deno.test(`the ciphers of this machine seal alike: ${HERE.map(([name]) => name).join(", ")}`, () => {
  assert.ok(HERE.length >= 2, "neither this Deno nor the system has one to compare with");
  for (const size of [0, 1, 15, 16, 17, 63, 64, 65, 65_535, 65_536]) {
    const plain = randomBytes(size, size);
    for (const [name, cipher] of HERE) {
      assert.deepEqual(seal(cipher, plain), seal(portableCipher, plain), `${name}, ${size} bytes`);
    }
  }
});

Deno.test("cipher is the first of the system's, the native and the portable one that there is", () => {
  const plain = randomBytes(4, 100);
  assert.deepEqual(seal(cipher(), plain), seal(HERE[0]![1], plain));
  if (HERE[0]![0] !== "system's") assert.equal(cipher(), HERE[0]![1]);
});

Deno.test("the system's cipher writes nothing beyond buffers that are too short, and takes no other key or nonce", () => {
  const system = systemCipher();
  if (system === undefined) return;
  const memory = new Uint8Array(200).fill(7);
  const sealed = seal(system, randomBytes(5, 100));
  const refused: (() => void)[] = [
    () => system.seal(KEY, NONCE, randomBytes(5, 100), memory.subarray(50, 165)),
    () => system.open(KEY, NONCE, sealed, memory.subarray(50, 149)),
    () => system.open(KEY, NONCE, sealed.subarray(0, TAG_BYTES - 1), memory),
    () => system.seal(KEY.subarray(1), NONCE, sealed, memory),
    () => system.seal(KEY, NONCE.subarray(1), sealed, memory),
  ];
  for (const call of refused) assert.throws(call, RangeError);
  assert.deepEqual(memory, new Uint8Array(200).fill(7));
});

for (const [name, cipher] of HERE) {
  Deno.test(`the ${name} cipher opens what it sealed, into a part of a larger buffer`, () => {
    fc.assert(fc.property(fc.uint8Array(), (plain) => {
      const sealed = new Uint8Array(plain.length + TAG_BYTES + 5).fill(7);
      cipher.seal(KEY, NONCE, plain, sealed);
      assert.deepEqual(sealed.subarray(-5), new Uint8Array(5).fill(7));
      const opened = new Uint8Array(plain.length + 5).fill(7);
      cipher.open(KEY, NONCE, sealed.subarray(0, -5), opened);
      assert.deepEqual(opened.subarray(0, plain.length), plain);
      assert.deepEqual(opened.subarray(plain.length), new Uint8Array(5).fill(7));
    }));
  });

  Deno.test(`the ${name} cipher refuses a change of any byte, of the key and of the nonce`, () => {
    const sealed = seal(cipher, randomBytes(3, 50));
    const out = new Uint8Array(50);
    for (let at = 0; at < sealed.length; at++) {
      assert.throws(() => cipher.open(KEY, NONCE, sealed.with(at, sealed[at]! ^ 1), out));
    }
    assert.throws(() => cipher.open(KEY.with(0, KEY[0]! ^ 1), NONCE, sealed, out));
    assert.throws(() => cipher.open(KEY, NONCE.with(0, NONCE[0]! ^ 1), sealed, out));
    assert.throws(() => cipher.open(KEY, NONCE, sealed.subarray(0, -1), out));
  });

  Deno.test(`the ${name} cipher seals the vector of RFC 8439, appendix A.5, without its associated data`, () => {
    // The key stream of A.5: associated data changes the tag alone.
    const key = fromHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    const nonce = fromHex("000000000102030405060708");
    const plain = new TextEncoder().encode("Internet-Drafts are draft docume");
    const out = new Uint8Array(plain.length + TAG_BYTES);
    cipher.seal(key, nonce, plain, out);
    const expected = "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2";
    assert.equal(toHex(out.subarray(0, plain.length)), expected);
  });
}
