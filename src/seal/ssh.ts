import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { type Identity, type Recipient, Stanza } from "age-encryption";
import { concatBytes, fromBase64, toBase64 } from "../base/bytes.ts";
import { SshReader, sshString } from "./ssh_wire.ts";

// The recipient type `ssh-ed25519` of age: X25519 with the key's point as a Montgomery point, tweaked by the SSH key itself.

export const TYPE = "ssh-ed25519";
const LABEL = new TextEncoder().encode("age-encryption.org/v1/ssh-ed25519");
const NONCE = new Uint8Array(12);
export const KEY_BYTES = 32;
const WRAPPED_BYTES = 32;
const TAG_BYTES = 4;

/** Seals file keys to `ssh-ed25519 AAAA… comment`. */
export class SshRecipient implements Recipient {
  readonly #key: SshPublicKey;

  /** Throws where `line` is no public key of that kind, or damaged. */
  constructor(line: string) {
    const [type, base64] = line.split(" ");
    if (type !== TYPE) throw new Error("not an ssh-ed25519 key");
    const reader = new SshReader(decoded(base64 ?? ""));
    if (reader.text() !== TYPE) throw new Error("not an ssh-ed25519 key");
    this.#key = new SshPublicKey(reader.bytes());
    reader.end();
  }

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    const { tag, point } = this.#key;
    const ephemeral = x25519.utils.randomSecretKey();
    const share = x25519.getPublicKey(ephemeral);
    const key = this.#key.wrappingKey(share, x25519.getSharedSecret(ephemeral, point));
    return [new Stanza([TYPE, tag, unpadded(share)], chacha20poly1305(key, NONCE).encrypt(fileKey))];
  }
}

/** Opens what is sealed to the public half of an SSH key. */
export class SshIdentity implements Identity {
  readonly #secret: Uint8Array;
  readonly #key: SshPublicKey;

  /** `seed` is the private key, 32 bytes (RFC 8032). */
  constructor(seed: Uint8Array) {
    this.#secret = sha512(seed).slice(0, KEY_BYTES);
    this.#key = new SshPublicKey(ed25519.getPublicKey(seed));
  }

  /** `ssh-ed25519 AAAA…` */
  get recipient(): string {
    return this.#key.line;
  }

  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const { args: [type, tag, encoded, ...rest], body } of stanzas) {
      if (type !== TYPE || tag !== this.#key.tag) continue;
      const share = decoded(encoded ?? "");
      if (
        rest.length > 0 || share.length !== KEY_BYTES ||
        body.length !== WRAPPED_BYTES
      ) {
        throw new Error("invalid ssh-ed25519 stanza");
      }
      const key = this.#key.wrappingKey(share, x25519.getSharedSecret(this.#secret, share));
      return chacha20poly1305(key, NONCE).decrypt(body);
    }
    return null;
  }
}

class SshPublicKey {
  /** As a Montgomery point. */
  readonly point: Uint8Array;
  /** Says in a header whose stanza it is. */
  readonly tag: string;
  readonly #wire: Uint8Array;
  readonly #tweak: Uint8Array;

  /** `key` has 32 bytes. Throws where it is no point. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) {
      throw new Error("an ssh-ed25519 key has 32 bytes");
    }
    this.#wire = concatBytes([sshString(new TextEncoder().encode(TYPE)), sshString(key)]);
    this.point = ed25519.utils.toMontgomery(key);
    this.tag = unpadded(sha256(this.#wire).subarray(0, TAG_BYTES));
    this.#tweak = hkdf(sha256, new Uint8Array(0), this.#wire, LABEL, KEY_BYTES);
  }

  get line(): string {
    return `${TYPE} ${toBase64(this.#wire)}`;
  }

  wrappingKey(share: Uint8Array, shared: Uint8Array): Uint8Array {
    const tweaked = x25519.getSharedSecret(this.#tweak, shared);
    return hkdf(sha256, tweaked, concatBytes([share, this.point]), LABEL, KEY_BYTES);
  }
}

function unpadded(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, "");
}

/** Inverse of base64 with or without padding. Throws where the text is not what an encoder writes. */
export function decoded(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (unpadded(bytes) !== text.replace(/=+$/, "")) {
    throw new Error("not base64");
  }
  return bytes;
}
