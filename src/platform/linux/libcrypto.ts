// OpenSSL's libcrypto, where the system has version 3 of it.
import { isPortable } from "../libc.ts";

const LIBRARY = "libcrypto.so.3";
const symbols = {
  OPENSSL_init_crypto: { parameters: ["u64", "pointer"], result: "i32" },
  EVP_chacha20_poly1305: { parameters: [], result: "pointer" },
  EVP_CIPHER_CTX_new: { parameters: [], result: "pointer" },
  EVP_CIPHER_CTX_ctrl: { parameters: ["pointer", "i32", "i32", "buffer"], result: "i32" },
  EVP_CipherInit_ex: {
    parameters: ["pointer", "pointer", "pointer", "buffer", "buffer", "i32"],
    result: "i32",
  },
  EVP_CipherUpdate: { parameters: ["pointer", "buffer", "buffer", "buffer", "i32"], result: "i32" },
  EVP_CipherFinal_ex: { parameters: ["pointer", "buffer", "buffer"], result: "i32" },
  EVP_sha256: { parameters: [], result: "pointer" },
  EVP_MD_CTX_new: { parameters: [], result: "pointer" },
  EVP_DigestInit_ex: { parameters: ["pointer", "pointer", "pointer"], result: "i32" },
  EVP_DigestUpdate: { parameters: ["pointer", "buffer", "usize"], result: "i32" },
  EVP_DigestFinal_ex: { parameters: ["pointer", "buffer", "pointer"], result: "i32" },
} as const;

/** Otherwise OpenSSL frees all it has when the process ends, while other threads still use it: 1 in 20 such ends was a crash. */
const OPENSSL_INIT_NO_ATEXIT = 0x80000n;
const EVP_CTRL_AEAD_GET_TAG = 0x10;
const EVP_CTRL_AEAD_SET_TAG = 0x11;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SHA256_BYTES = 32;
const OPEN = 0;
const SEAL = 1;

type Bytes = Uint8Array<ArrayBuffer>;

function load() {
  if (isPortable) return undefined;
  try {
    const crypto = Deno.dlopen(LIBRARY, symbols).symbols;
    return crypto.OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, null) === 1 ? crypto : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

let found: { readonly crypto: ReturnType<typeof load> } | undefined;

/** Looked for when it is first wanted: that takes milliseconds, which threads that hash and seal nothing need not pay. */
function library(): ReturnType<typeof load> {
  found ??= { crypto: load() };
  return found.crypto;
}

/**
 * ChaCha20-Poly1305 (RFC 8439, without associated data) by the system's OpenSSL, for one thread; `undefined` where there is none.
 * That it does what it says is for the caller to find out.
 */
export function loadSystemChaCha() {
  const crypto = library();
  const context = crypto?.EVP_CIPHER_CTX_new() ?? null;
  if (crypto === undefined || context === null) return undefined;
  const algorithm = crypto.EVP_chacha20_poly1305();
  const written = new Uint8Array(4);

  /** OpenSSL is given addresses: it would read and write beyond what is shorter. */
  const begin = (key: Bytes, nonce: Bytes, direction: number, room: number) => {
    const fits = key.length === KEY_BYTES && nonce.length === NONCE_BYTES && room >= 0;
    if (!fits) throw new RangeError("A key, a nonce or a buffer is too short");
    check(crypto.EVP_CipherInit_ex(context, algorithm, null, key, nonce, direction));
  };
  /** Without bytes OpenSSL would take it for the end. */
  const update = (from: Bytes, out: Bytes) =>
    check(from.length === 0 ? 1 : crypto.EVP_CipherUpdate(context, out, written, from, from.length));

  return {
    /** Writes `plain` sealed, with its tag, to the front of `out`. */
    seal(key: Bytes, nonce: Bytes, plain: Bytes, out: Bytes): void {
      begin(key, nonce, SEAL, out.length - plain.length - TAG_BYTES);
      const tag = out.subarray(plain.length);
      update(plain, out);
      check(crypto.EVP_CipherFinal_ex(context, tag, written));
      check(crypto.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag));
    },

    /** Opens `sealed` into the front of `out`. Throws where its authentication fails; what is in `out` then is not to be used. */
    open(key: Bytes, nonce: Bytes, sealed: Bytes, out: Bytes): void {
      const length = sealed.length - TAG_BYTES;
      begin(key, nonce, OPEN, Math.min(length, out.length - length));
      check(crypto.EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, sealed.subarray(length)));
      update(sealed.subarray(0, length), out);
      check(crypto.EVP_CipherFinal_ex(context, written, written));
    },
  };
}

/** A SHA-256 of bytes that come in parts: the first call is `begin`, the last one writes it to `into` at `at`. */
export interface Sha256Parts {
  begin(): void;
  add(bytes: Uint8Array): void;
  end(into: Uint8Array, at: number): void;
}

/** SHA-256 by the system's OpenSSL, for one thread. `undefined` where there is none. That it does what it says is for the caller to find out. */
export function loadSystemSha256(): Sha256Parts | undefined {
  const crypto = library();
  const context = crypto?.EVP_MD_CTX_new() ?? null;
  if (crypto === undefined || context === null) return undefined;
  if (crypto.EVP_DigestInit_ex(context, crypto.EVP_sha256(), null) !== 1) return undefined;
  return {
    // Without an algorithm it stays the one of before: to look it up would take as long as to hash 500 bytes.
    begin: () => check(crypto.EVP_DigestInit_ex(context, null, null)),
    add: (bytes) => check(crypto.EVP_DigestUpdate(context, bytes as Bytes, BigInt(bytes.length))),
    end(into, at) {
      if (at + SHA256_BYTES > into.length) throw new RangeError("A buffer is too short");
      check(crypto.EVP_DigestFinal_ex(context, into.subarray(at) as Bytes, null));
    },
  };
}

function check(result: number): void {
  if (result !== 1) throw new Error("OpenSSL refuses it");
}
