import { createCipheriv, createDecipheriv, getCiphers } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { equalBytes, fromHex, release } from "../base/bytes.ts";
import { loadSystemChaCha } from "../platform/linux/libcrypto.ts";

// ChaCha20-Poly1305 (RFC 8439): by the system's OpenSSL where there is one (about 3 GiB/s on one core), else by the runtime (Deno 2.9:
// 1.4 GiB/s), else in JavaScript (200 MiB/s).

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

/** `undefined` where there is no OpenSSL, or where it does not do what it should. */
export function systemCipher(): Cipher | undefined {
  const system: Cipher | undefined = loadSystemChaCha();
  return system !== undefined && isRight(system) ? system : undefined;
}

let chosen: Cipher | undefined;

/** The fastest that there is, for this thread. */
export function cipher(): Cipher {
  return chosen ??= systemCipher() ?? (getCiphers().includes(NAME) ? nativeCipher : portableCipher);
}

// RFC 8439, appendix A.5, without its associated data and all but the first bytes of its text; the tag is what follows from that.
const TEST_KEY = fromHex("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
const TEST_NONCE = fromHex("000000000102030405060708");
const TEST_PLAIN = new TextEncoder().encode("Internet-Drafts are draft docume");
const TEST_SEALED = fromHex(
  "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2e73013ee4b1cfe95e41587e133d2cfc9",
);

/** Whether a library that this program knows nothing about seals, opens and refuses as it should. */
function isRight(cipher: Cipher): boolean {
  const sealed = new Uint8Array(TEST_SEALED.length);
  const plain = new Uint8Array(TEST_PLAIN.length);
  const changed = TEST_SEALED.with(0, TEST_SEALED[0]! ^ 1);
  try {
    cipher.seal(TEST_KEY, TEST_NONCE, TEST_PLAIN, sealed);
    cipher.open(TEST_KEY, TEST_NONCE, TEST_SEALED, plain);
  } catch {
    return false;
  }
  return equalBytes(sealed, TEST_SEALED) && equalBytes(plain, TEST_PLAIN) && refuses(cipher, changed);
}

function refuses(cipher: Cipher, sealed: Uint8Array): boolean {
  try {
    cipher.open(TEST_KEY, TEST_NONCE, sealed, new Uint8Array(sealed.length));
    return false;
  } catch {
    return true;
  }
}
