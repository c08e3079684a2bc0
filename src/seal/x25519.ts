import { createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";
import { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toLatin1 } from "../base/bytes.ts";
import { cipher, TAG_BYTES } from "./cipher.ts";

// Headers of age files (age-encryption.org/v1) for X25519 keys, by the runtime's own cryptography: a long history has thousands of them.

const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const BECH32_CHECKSUM_DIGITS = 6;
/** DER before the 32 raw bytes of an X25519 key (RFC 8410). */
const PKCS8_HEAD = fromHex("302e020100300506032b656e04220420");
const SPKI_HEAD = fromHex("302a300506032b656e032100");
const KEY_BYTES = 32;
const FILE_KEY_BYTES = 16;
const BASE_POINT = new Uint8Array(KEY_BYTES).with(0, 9);
const ZERO_NONCE = new Uint8Array(12);

/** 32 bytes in base64 without padding. */
const B64 = "[A-Za-z0-9+/]{43}";
/** A header of which all recipients are X25519 keys. */
const HEADER = new RegExp(`^age-encryption\\.org/v1\n(?:-> X25519 ${B64}\n${B64}\n)+--- (${B64})\n$`);
const STANZA = new RegExp(`-> X25519 (${B64})\n(${B64})\n`, "g");

/** Opens headers with one identity, `AGE-SECRET-KEY-1…`, which was checked. */
export class X25519Opener {
  readonly #privateKey;
  readonly #recipient: Uint8Array;

  constructor(identity: string) {
    const key = concatBytes([PKCS8_HEAD, secretIn(identity)]);
    this.#privateKey = createPrivateKey({ key: key as never, format: "der", type: "pkcs8" });
    this.#recipient = this.#shared(BASE_POINT);
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
    const [share, body] = [bytesIn(shareText), bytesIn(bodyText)];
    if (share === undefined || body === undefined) return undefined;
    const plain = new Uint8Array(FILE_KEY_BYTES + TAG_BYTES);
    try {
      const secret = this.#shared(share);
      if (secret.every((byte) => byte === 0)) return undefined;
      const salt = concatBytes([share, this.#recipient]);
      const key = new Uint8Array(hkdfSync("sha256", secret, salt, "age-encryption.org/v1/X25519", KEY_BYTES));
      cipher().open(key, ZERO_NONCE, body, plain);
      return plain.slice(0, FILE_KEY_BYTES);
    } catch {
      return undefined; // for another key, or a share of low order
    }
  }

  #shared(share: Uint8Array): Uint8Array {
    const key = concatBytes([SPKI_HEAD, share]);
    const publicKey = createPublicKey({ key: key as never, format: "der", type: "spki" });
    return new Uint8Array(diffieHellman({ privateKey: this.#privateKey, publicKey }));
  }
}

function isSigned(text: string, mac: string, fileKey: Uint8Array): boolean {
  const key = new Uint8Array(hkdfSync("sha256", fileKey, new Uint8Array(0), "header", KEY_BYTES));
  const signed = text.slice(0, text.length - mac.length - " \n".length);
  const bytes = bytesIn(mac);
  return bytes !== undefined && equalBytes(createHmac("sha256", key).update(signed).digest(), bytes);
}

/** `undefined` where another text means the same bytes. */
function bytesIn(text: string): Uint8Array | undefined {
  const bytes = fromBase64(text);
  return toBase64(bytes) === `${text}=` ? bytes : undefined;
}

/** The 32 bytes in Bech32 (BIP 173), five bits a digit. */
function secretIn(identity: string): Uint8Array {
  const digits = identity.slice(identity.lastIndexOf("1") + 1, -BECH32_CHECKSUM_DIGITS).toLowerCase();
  const bits = Array.from(digits, (digit) => BECH32.indexOf(digit).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from({ length: KEY_BYTES }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2));
}
