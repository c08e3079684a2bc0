import assert from "node:assert/strict";
import fc from "fast-check";
import { concatBytes } from "../../src/base/bytes.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import { TAG_BYTES } from "../../src/seal/cipher.ts";
import {
  NONCE_BYTES,
  openPieces,
  PayloadWriter,
  PIECE_BYTES,
  plainLength,
  SEALED_PIECE_BYTES,
  sealedLength,
  streamKey,
} from "../../src/seal/payload.ts";
import { randomBytes } from "../chunk/random.ts";

const FILE_KEY = randomBytes(1, 16);
const NONCE = randomBytes(2, NONCE_BYTES);
const KEY = streamKey(FILE_KEY, NONCE);
const HEADER = new TextEncoder().encode("header\n");

/** The sealed pieces of `plain`, written in parts of `step` bytes. */
function seal(plain: Uint8Array, step = plain.length): Uint8Array {
  const out = new Uint8Array(HEADER.length + NONCE_BYTES + sealedLength(plain.length));
  const writer = new PayloadWriter(out, HEADER, FILE_KEY, NONCE);
  for (let at = 0; at < plain.length; at += step) writer.write(plain.subarray(at, at + step));
  assert.equal(writer.lengthWith(0), out.length);
  assert.equal(writer.finish(), out.length);
  assert.deepEqual(out.subarray(0, HEADER.length + NONCE_BYTES), concatBytes([HEADER, NONCE]));
  return out.subarray(HEADER.length + NONCE_BYTES);
}

const open = (sealed: Uint8Array) => openPieces(KEY, 0, sealed, plainLength(sealed.length));

const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000];

for (const size of SIZES) {
  Deno.test(`openPieces() gives back ${size} bytes, however they were written`, () => {
    const plain = randomBytes(size, size);
    const sealed = seal(plain);
    assert.deepEqual(open(sealed), plain);
    for (const step of [1000, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1]) {
      assert.deepEqual(seal(plain, step), sealed, `in steps of ${step}`);
    }
  });

  Deno.test(`openPieces() opens each piece of ${size} bytes alone`, () => {
    const plain = randomBytes(size, size);
    const sealed = seal(plain);
    for (let piece = 0; piece * SEALED_PIECE_BYTES < sealed.length; piece++) {
      const part = sealed.subarray(piece * SEALED_PIECE_BYTES, (piece + 1) * SEALED_PIECE_BYTES);
      const opened = openPieces(KEY, piece, part, size);
      assert.deepEqual(opened, plain.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    }
  });

  Deno.test(`openPieces() refuses ${size} bytes of which one byte is changed`, () => {
    const sealed = seal(randomBytes(size, size));
    const edges = [0, 1, 65_535, 65_536, 65_551, 65_552, 65_553, 131_103, 131_104, sealed.length - 1];
    const others = Array.from({ length: 20 }, (_, i) => Math.floor(sealed.length * i / 20));
    for (const at of new Set([...edges, ...others].filter((at) => at < sealed.length))) {
      assert.throws(() => open(sealed.with(at, sealed[at]! ^ 1)), CorruptionError, `byte ${at}`);
    }
  });

  Deno.test(`openPieces() refuses ${size} bytes that are cut short`, () => {
    const sealed = seal(randomBytes(size, size));
    const lengths = [0, 1, TAG_BYTES - 1, TAG_BYTES, SEALED_PIECE_BYTES, 2 * SEALED_PIECE_BYTES];
    const shorter = [...lengths, sealed.length - TAG_BYTES, sealed.length - 1];
    for (const length of shorter.filter((length) => length >= 0 && length < sealed.length)) {
      assert.throws(() => open(sealed.subarray(0, length)), CorruptionError, `${length} bytes`);
    }
  });
}

Deno.test("openPieces() finds every single changed byte of a short payload", () => {
  const sealed = seal(randomBytes(3, 40));
  for (let at = 0; at < sealed.length; at++) {
    for (const bit of [1, 128]) {
      assert.throws(() => open(sealed.with(at, sealed[at]! ^ bit)), CorruptionError);
    }
  }
});

const three = seal(randomBytes(4, 3 * PIECE_BYTES));
const piece = (i: number) => three.subarray(i * SEALED_PIECE_BYTES, (i + 1) * SEALED_PIECE_BYTES);

const REORDERED: [what: string, sealed: Uint8Array][] = [
  ["two pieces swapped", concatBytes([piece(1), piece(0), piece(2)])],
  ["the last piece first", concatBytes([piece(2), piece(0), piece(1)])],
  ["a piece twice", concatBytes([piece(0), piece(0), piece(2)])],
  ["a piece left out", concatBytes([piece(0), piece(2)])],
  ["the last piece left out", concatBytes([piece(0), piece(1)])],
  ["a piece after the last", concatBytes([three, piece(2)])],
  ["an empty last piece", concatBytes([three, seal(new Uint8Array(0))])],
  ["a byte after the last piece", concatBytes([three, Uint8Array.of(0)])],
];

for (const [what, sealed] of REORDERED) {
  Deno.test(`openPieces() refuses ${what}`, () => assert.throws(() => open(sealed), CorruptionError));
}

Deno.test("openPieces() refuses another key, another nonce and another place", () => {
  const plain = randomBytes(5, 100);
  const sealed = seal(plain);
  for (const key of [streamKey(randomBytes(9, 16), NONCE), streamKey(FILE_KEY, randomBytes(9, 16))]) {
    assert.throws(() => openPieces(key, 0, sealed, 100), CorruptionError);
  }
  assert.throws(() => openPieces(KEY, 1, sealed, 100), CorruptionError);
});

Deno.test("plainLength() is the inverse of sealedLength(), and refuses lengths that no payload has", () => {
  const possible = new Map(SIZES.map((size) => [sealedLength(size), size]));
  for (const [sealed, size] of possible) assert.equal(plainLength(sealed), size);
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (size) => assert.equal(plainLength(sealedLength(size)), size)),
  );
  const two = SEALED_PIECE_BYTES + TAG_BYTES;
  for (
    const sealed of [0, 1, TAG_BYTES - 1, SEALED_PIECE_BYTES + 1, two - 1, two, 2 * SEALED_PIECE_BYTES + 16]
  ) {
    assert.throws(() => plainLength(sealed), CorruptionError, `${sealed}`);
  }
  assert.equal(plainLength(two + 1), PIECE_BYTES + 1);
});
