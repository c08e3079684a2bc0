import { randomBytes } from "node:crypto";
import { toBase64 } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { cipher, TAG_BYTES } from "./cipher.ts";
import type { Header } from "./header.ts";
import {
  bytesOfBech32,
  FILE_KEY_BYTES,
  KEY_BYTES,
  macOf,
  privateKeyOf,
  publicKeyOf,
  sharedSecret,
  wrappingKey,
  ZERO_NONCE,
} from "./x25519.ts";

/** Whether `recipient`, which was checked, is the key of neither a plugin nor another kind: these have a name between two ones. */
export function isX25519(recipient: string): boolean {
  return /^age1[^1]+$/.test(recipient);
}

/**
 * A new header (age-encryption.org/v1) for `recipients`, already checked, which are all X25519 keys. Every object that is stored has one,
 * and the package's, in JavaScript, costs a short run tens of milliseconds. Throws `UsageError` for the few keys with which every secret is
 * the same.
 */
export function x25519Header(recipients: readonly string[]): Header {
  const fileKey = new Uint8Array(randomBytes(FILE_KEY_BYTES));
  const stanzas = recipients.map((recipient) => stanzaFor(bytesOfBech32(recipient), fileKey));
  const signed = `age-encryption.org/v1\n${stanzas.join("")}---`;
  const text = `${signed} ${unpadded(macOf(signed, fileKey))}\n`;
  return { bytes: new TextEncoder().encode(text), fileKey };
}

function stanzaFor(recipient: Uint8Array, fileKey: Uint8Array): string {
  const ephemeral = privateKeyOf(randomBytes(KEY_BYTES));
  const share = publicKeyOf(ephemeral);
  const secret = sharedSecret(ephemeral, recipient);
  if (secret === undefined) {
    throw new UsageError("Cannot seal to a recipient: it is no key that keeps anything secret");
  }
  const body = new Uint8Array(FILE_KEY_BYTES + TAG_BYTES);
  cipher().seal(wrappingKey(secret, share, recipient), ZERO_NONCE, fileKey, body);
  return `-> X25519 ${unpadded(share)}\n${unpadded(body)}\n`;
}

function unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, "");
}
