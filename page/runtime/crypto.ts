import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Buffer } from "./buffer.ts";

// In the place of node:crypto: what reading a store needs of it. Nothing here makes keys, signs or seals.

export { randomBytes } from "@noble/hashes/utils.js";

type Hasher = { update(bytes: Uint8Array): unknown; digest(): Uint8Array };

class Hash {
  readonly #hasher: Hasher;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  update(data: Uint8Array | string): this {
    this.#hasher.update(
      typeof data === "string" ? new TextEncoder().encode(data) : data,
    );
    return this;
  }

  digest(encoding?: "hex"): Buffer | string {
    const digest = Buffer.from(this.#hasher.digest());
    return encoding === undefined ? digest : digest.toString(encoding);
  }
}

export function createHash(_: "sha256"): Hash {
  return new Hash(sha256.create());
}

export function createHmac(_: "sha256", key: Uint8Array): Hash {
  return new Hash(hmac.create(sha256, key));
}

export function hkdfSync(
  _: "sha256",
  key: Uint8Array,
  salt: Uint8Array,
  info: string,
  length: number,
): ArrayBuffer {
  return hkdf(sha256, key, salt, new TextEncoder().encode(info), length).slice()
    .buffer as ArrayBuffer;
}

/** None is there: ciphers are JavaScript's. */
export function getCiphers(): string[] {
  return [];
}

/** An Ed25519 or X25519 key: 32 raw bytes. */
class Key {
  readonly raw: Uint8Array;
  readonly isPrivate: boolean;

  constructor(raw: Uint8Array, isPrivate: boolean) {
    this.raw = raw;
    this.isPrivate = isPrivate;
  }

  /** In DER; of a public key. */
  export(): Uint8Array {
    return Uint8Array.of(...new Uint8Array(SPKI_HEAD_BYTES), ...this.raw);
  }
}

interface Der {
  readonly key: Uint8Array;
}

const SPKI_HEAD_BYTES = 12;
const PKCS8_HEAD_BYTES = 16;

export function createPrivateKey({ key }: Der): Key {
  return new Key(key.slice(PKCS8_HEAD_BYTES), true);
}

/** That of a private Ed25519 key, or the one in `der`. */
export function createPublicKey(from: Key | Der): Key {
  if (from instanceof Key) {
    return new Key(
      from.isPrivate ? ed25519.getPublicKey(from.raw) : from.raw,
      false,
    );
  }
  return new Key(from.key.slice(SPKI_HEAD_BYTES), false);
}

export function verify(
  _: null,
  text: Uint8Array,
  { raw }: Key,
  signature: Uint8Array,
): boolean {
  return ed25519.verify(signature, text, raw);
}

export function diffieHellman(
  keys: { readonly privateKey: Key; readonly publicKey: Key },
): Uint8Array {
  return x25519.scalarMult(keys.privateKey.raw, keys.publicKey.raw);
}

function unavailable(): never {
  throw new Error("This page reads only");
}

export {
  unavailable as createCipheriv,
  unavailable as createDecipheriv,
  unavailable as generateKeyPairSync,
  unavailable as hash,
  unavailable as sign,
};
