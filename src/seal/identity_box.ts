import { hkdfSync, randomBytes } from "node:crypto";
import { cipher, TAG_BYTES } from "./cipher.ts";

// What is kept on a machine for whoever has an identity, and no one else can read or make.

const SALT_BYTES = 32;
const KEY_BYTES = 32;
/** Each box has a key of its own. */
const NONCE = new Uint8Array(12);

/** `plain` sealed by ChaCha20-Poly1305 with a key that follows from `identity` (an age secret key, or several), bound to `context`. */
export function sealForIdentity(plain: Uint8Array, identity: string, context: string): Uint8Array {
  const box = new Uint8Array(SALT_BYTES + plain.length + TAG_BYTES);
  const salt = randomBytes(SALT_BYTES);
  box.set(salt);
  cipher().seal(keyOf(identity, salt, context), NONCE, plain, box.subarray(SALT_BYTES));
  return box;
}

/** Inverse of {@link sealForIdentity}; `undefined` for what is damaged, or of another identity or context. */
export function openForIdentity(box: Uint8Array, identity: string, context: string): Uint8Array | undefined {
  if (box.length < SALT_BYTES + TAG_BYTES) return undefined;
  const plain = new Uint8Array(box.length - SALT_BYTES - TAG_BYTES);
  try {
    const key = keyOf(identity, box.subarray(0, SALT_BYTES), context);
    cipher().open(key, NONCE, box.subarray(SALT_BYTES), plain);
    return plain;
  } catch {
    return undefined;
  }
}

function keyOf(identity: string, salt: Uint8Array, context: string): Uint8Array {
  const info = `vaultik box for an identity\0${context}`;
  return new Uint8Array(hkdfSync("sha256", identity.toUpperCase(), salt, info, KEY_BYTES));
}
