import { Decrypter, Encrypter, type Identity as Unwrapper, type Recipient } from "age-encryption";
import { CorruptionError, OtherKeyError, UsageError } from "../base/errors.ts";
import type { Header } from "./header.ts";
import { checkLabels, recipientOf } from "./recipients.ts";
import { X25519Opener } from "./x25519.ts";
import { isX25519, x25519Header } from "./x25519_header.ts";

/** What opens headers: an age secret key (`AGE-SECRET-KEY-…`), or what unwraps file keys as an SSH key or a plugin does. */
export type Identity = string | Unwrapper;

// The header of an age file (age-encryption.org/v1) comes from the package, but where all keys are X25519; the payload is sealed in payload.ts.

const NONCE_BYTES = 16;
const TAG_BYTES = 16;

/** A new header for `recipients`, already checked. */
export async function newHeader(recipients: readonly string[]): Promise<Header> {
  if (recipients.every(isX25519)) return x25519Header(recipients);
  const encrypter = new Encrypter();
  const sealing = recipients.map(recipientOf);
  for (const recipient of sealing) encrypter.addRecipient(recipient);
  let fileKey: Uint8Array | undefined;
  const witness: Recipient = {
    wrapFileKey(key) {
      fileKey = key.slice();
      return [];
    },
  };
  encrypter.addRecipient(witness);
  const file = await encrypter.encrypt(new Uint8Array(0));
  checkLabels(sealing);
  return {
    bytes: file.slice(0, file.length - NONCE_BYTES - TAG_BYTES),
    fileKey: fileKey!,
  };
}

/** Opens headers with `identities`. */
export class HeaderOpener {
  readonly #decrypter = new Decrypter();
  readonly #classic: readonly X25519Opener[];

  constructor(identities: readonly Identity[]) {
    for (const identity of identities) this.#decrypter.addIdentity(identity);
    this.#classic = identities.filter(isClassic).map((identity) => new X25519Opener(identity));
  }

  /** The file key. Throws `UsageError` where no identity fits, `CorruptionError` where the header is damaged. */
  async open(header: Uint8Array): Promise<Uint8Array> {
    for (const opener of this.#classic) {
      const fileKey = opener.open(header);
      if (fileKey !== undefined) return fileKey;
    }
    try {
      return await this.#decrypter.decryptHeader(header);
    } catch (error) {
      if (error instanceof UsageError) throw error; // of a plugin
      if (error instanceof Error && /no identity matched/.test(error.message)) {
        throw new OtherKeyError("Cannot open backup: it was made for another key than the identity given", {
          cause: error,
        });
      }
      throw new CorruptionError("Cannot open age header: it is damaged", {
        cause: error,
      });
    }
  }
}

function isClassic(identity: Identity): identity is string {
  return typeof identity === "string" && /^AGE-SECRET-KEY-1/i.test(identity);
}
