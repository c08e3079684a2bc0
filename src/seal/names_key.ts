import { createHmac, randomBytes } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes, fromBase64, toBase64 } from "../base/bytes.ts";
import { CorruptionError } from "../base/errors.ts";

// The names key of a host: whoever has it sees what its snapshots are called. It opens nothing else.

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const TAG_DIGITS = 32;

/** A new key, 32 bytes in base64. */
export function newNamesKey(): string {
  return toBase64(randomBytes(KEY_BYTES));
}

/** `plain` sealed by XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), bound to `context`: nonce and ciphertext in base64. */
export function sealNames(plain: Uint8Array, namesKey: string, context: string): string {
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  const sealed = cipher(namesKey, nonce, context).encrypt(plain);
  return toBase64(concatBytes([nonce, sealed]));
}

/** Inverse of {@link sealNames}. Throws `CorruptionError`, also for another key or context. */
export function openNames(sealed: string, namesKey: string, context: string): Uint8Array {
  const bytes = fromBase64(sealed);
  try {
    return cipher(namesKey, bytes.subarray(0, NONCE_BYTES), context).decrypt(bytes.subarray(NONCE_BYTES));
  } catch (cause) {
    throw new CorruptionError("its names are damaged, or sealed with another key", { cause });
  }
}

function cipher(namesKey: string, nonce: Uint8Array, context: string) {
  return xchacha20poly1305(fromBase64(namesKey), nonce, new TextEncoder().encode(context));
}

/** Equal for equal names of source sets of a host; without its key no one can try names. */
export function setTag(name: string, namesKey: string): string {
  const mac = createHmac("sha256", fromBase64(namesKey)).update(`vaultik source set\0${name}`);
  return mac.digest("hex").slice(0, TAG_DIGITS);
}
