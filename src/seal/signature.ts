import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { fromBase64, toBase64 } from "../base/bytes.ts";

// Ed25519 (RFC 8032): age does not say who encrypted, so the host signs its manifests.

/** DER before the 32 raw bytes of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = fromBase64("MC4CAQAwBQYDK2VwBCIEIA==");
const SPKI_HEAD = fromBase64("MCowBQYDK2VwAyEA");

const withHead = (head: Uint8Array, key: string) => Uint8Array.of(...head, ...fromBase64(key)) as never;

/** A new private key, 32 raw bytes in base64. It signs; it opens nothing. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return toBase64(privateKey.export({ format: "der", type: "pkcs8" }).subarray(PKCS8_HEAD.length));
}

function privateKeyOf(signingKey: string) {
  return createPrivateKey({ key: withHead(PKCS8_HEAD, signingKey), format: "der", type: "pkcs8" });
}

/** The public key, 32 raw bytes in base64. */
export function publicKeyOf(signingKey: string): string {
  const publicKey = createPublicKey(privateKeyOf(signingKey));
  return toBase64(publicKey.export({ format: "der", type: "spki" }).subarray(SPKI_HEAD.length));
}

/** Signature over the UTF-8 bytes of `text`, base64. */
export function signText(text: string, signingKey: string): string {
  return toBase64(sign(null, new TextEncoder().encode(text), privateKeyOf(signingKey)));
}

/** Whether `signature` over `text` was made with the private half of `publicKey`. */
export function verifyText(text: string, signature: string, publicKey: string): boolean {
  return verifyBytes(new TextEncoder().encode(text), signature, publicKey);
}

/** The key that was used last: one manifest after the other is of the same host. */
let last: { readonly publicKey: string; readonly key: KeyObject } | undefined;

/** As {@link verifyText}, for text as UTF-8 bytes. */
export function verifyBytes(text: Uint8Array, signature: string, publicKey: string): boolean {
  try {
    if (last?.publicKey !== publicKey) {
      const key = createPublicKey({ key: withHead(SPKI_HEAD, publicKey), format: "der", type: "spki" });
      last = { publicKey, key };
    }
    return verify(null, text, last.key, fromBase64(signature));
  } catch {
    return false;
  }
}
