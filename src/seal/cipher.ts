import { createCipheriv, createDecipheriv, getCiphers } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { release } from "../base/bytes.ts";

// ChaCha20-Poly1305 (RFC 8439): the runtime's own where it has it (about 1 GiB/s), else in JavaScript (about 130 MiB/s).

export const TAG_BYTES = 16;
const NAME = "chacha20-poly1305";

export interface Cipher {
  /** Writes `plain` sealed, with its tag, to the front of `out`. */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, out: Uint8Array): void;
  /** Opens `sealed` into the front of `out`. Throws where its authentication fails. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, out: Uint8Array): void;
}

export const nativeCipher: Cipher = {
  seal(key, nonce, plain, out) {
    const cipher = createCipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES });
    const sealed = cipher.update(plain);
    cipher.final();
    out.set(sealed, 0);
    out.set(cipher.getAuthTag(), plain.length);
    release(sealed);
  },
  open(key, nonce, sealed, out) {
    const split = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(NAME, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(split));
    const plain = decipher.update(sealed.subarray(0, split));
    decipher.final();
    out.set(plain, 0);
    release(plain);
  },
};

export const portableCipher: Cipher = {
  seal(key, nonce, plain, out) {
    chacha20poly1305(key, nonce).encrypt(plain, out.subarray(0, plain.length + TAG_BYTES));
  },
  open(key, nonce, sealed, out) {
    out.set(chacha20poly1305(key, nonce).decrypt(sealed), 0);
  },
};

export const cipher: Cipher = getCiphers().includes(NAME) ? nativeCipher : portableCipher;
