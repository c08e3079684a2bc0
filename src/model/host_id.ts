import { fromBase64 } from "../base/bytes.ts";
import { sha256 } from "../base/digest.ts";

const FINGERPRINT_BYTES = 16;
const DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/** `bytes` in base32 (RFC 4648), lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(value >>> (bits - 5)) & 31];
    value &= 0xff;
  }
  return bits === 0 ? text : text + DIGITS[(value << (5 - bits)) & 31];
}

/** What was asked for last: one manifest after the other is of the same host. */
let last: { readonly publicKey: string; readonly id: string } | undefined;

/**
 * The name of a host's directory: the first 16 bytes of the SHA-256 of its Ed25519 public key (32 raw bytes in base64), so a directory
 * itself says whose signatures count in it.
 */
export function hostIdOf(publicKey: string): string {
  if (last?.publicKey !== publicKey) {
    last = { publicKey, id: base32(sha256(fromBase64(publicKey)).subarray(0, FINGERPRINT_BYTES)) };
  }
  return last.id;
}

export function isHostId(text: string): boolean {
  return /^[a-z2-7]{26}$/.test(text);
}
