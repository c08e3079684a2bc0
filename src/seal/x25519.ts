import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { concatBytes, equalBytes, fromBase64, fromHex, toLatin1 } from "../base/bytes.ts";
import { cipher, TAG_BYTES } from "./cipher.ts";

// Headers of age files (age-encryption.org/v1) for X25519 keys, by the runtime's own cryptography: a long history has thousands of them.

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_CHECKSUM_DIGITS = 6;
/** DER before the 32 raw bytes of an X25519 key (RFC 8410). */
const PKCS8_HEAD = fromHex("302e020100300506032b656e04220420");
const SPKI_HEAD = fromHex("302a300506032b656e032100");
export const KEY_BYTES = 32;
export const FILE_KEY_BYTES = 16;
const BASE_POINT = new Uint8Array(KEY_BYTES).with(0, 9);
export const ZERO_NONCE = new Uint8Array(12);

/** 32 bytes in base64 without padding; no other text means the same bytes. */
const B64 = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]";
/** A header of which all recipients are X25519 keys. */
const HEADER = new RegExp(`^age-encryption\\.org/v1\n(?:-> X25519 ${B64}\n${B64}\n)+--- (${B64})\n$`);
const STANZA = new RegExp(`-> X25519 (${B64})\n(${B64})\n`, "g");

/** Opens headers with one identity, `AGE-SECRET-KEY-1…`, which was checked. */
export class X25519Opener {
  readonly #privateKey;
  readonly #recipient: Uint8Array;

  constructor(identity: string) {
    this.#privateKey = privateKeyOf(bytesOfBech32(identity));
    this.#recipient = publicKeyOf(this.#privateKey);
  }

  /** The file key; `undefined` for every header that is not plainly one for this key. */
  open(header: Uint8Array): Uint8Array | undefined {
    const text = toLatin1(header);
    const mac = HEADER.exec(text)?.[1];
    if (mac === undefined) return undefined;
    for (const [, share, body] of text.matchAll(STANZA)) {
      const fileKey = this.#unwrap(share!, body!);
      if (fileKey !== undefined) return isSigned(text, mac, fileKey) ? fileKey : undefined;
    }
    return undefined;
  }

  #unwrap(shareText: string, bodyText: string): Uint8Array | undefined {
    const [share, body] = [fromBase64(shareText), fromBase64(bodyText)];
    const plain = new Uint8Array(FILE_KEY_BYTES + TAG_BYTES);
    try {
      const secret = sharedSecret(this.#privateKey, share);
      if (secret === undefined) return undefined;
      cipher().open(wrappingKey(secret, share, this.#recipient), ZERO_NONCE, body, plain);
      return plain.slice(0, FILE_KEY_BYTES);
    } catch {
      return undefined; // for another key
    }
  }
}

export function privateKeyOf(secret: Uint8Array): KeyObject {
  const key = concatBytes([PKCS8_HEAD, secret]);
  return createPrivateKey({ key: key as never, format: "der", type: "pkcs8" });
}

export function publicKeyOf(privateKey: KeyObject): Uint8Array {
  return sharedSecret(privateKey, BASE_POINT)!;
}

/** `undefined` for a public key of low order, with which all have the same secret. */
export function sharedSecret(privateKey: KeyObject, publicBytes: Uint8Array): Uint8Array | undefined {
  const key = concatBytes([SPKI_HEAD, publicBytes]);
  const publicKey = createPublicKey({ key: key as never, format: "der", type: "spki" });
  try {
    const secret = new Uint8Array(diffieHellman({ privateKey, publicKey }));
    return secret.every((byte) => byte === 0) ? undefined : secret;
  } catch {
    return undefined; // OpenSSL derives nothing from such a key, other libraries zeros
  }
}

/** What the file key is sealed with. */
export function wrappingKey(secret: Uint8Array, share: Uint8Array, recipient: Uint8Array): Uint8Array {
  const salt = concatBytes([share, recipient]);
  return new Uint8Array(hkdfSync("sha256", secret, salt, "age-encryption.org/v1/X25519", KEY_BYTES));
}

function isSigned(text: string, mac: string, fileKey: Uint8Array): boolean {
  const signed = text.slice(0, text.length - mac.length - " \n".length);
  return equalBytes(macOf(signed, fileKey), fromBase64(mac));
}

/** Of a header up to its `---`. */
export function macOf(signed: string, fileKey: Uint8Array): Uint8Array {
  const key = new Uint8Array(hkdfSync("sha256", fileKey, new Uint8Array(0), "header", KEY_BYTES));
  return createHmac("sha256", key).update(signed).digest();
}

/** The 32 bytes of a key in Bech32 (BIP 173), five bits a digit; it was checked. */
export function bytesOfBech32(key: string): Uint8Array {
  const digits = key.slice(key.lastIndexOf("1") + 1, -BECH32_CHECKSUM_DIGITS).toLowerCase();
  const bits = Array.from(digits, (digit) => BECH32.indexOf(digit).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from({ length: KEY_BYTES }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2));
}
