import { Decrypter, Encrypter, type Recipient } from "age-encryption";
import { CorruptionError, UsageError } from "../base/errors.ts";

// The header of an age file (age-encryption.org/v1) comes from the package; the payload is sealed in payload.ts.

const NONCE_BYTES = 16;
const TAG_BYTES = 16;

export interface Header {
  /** The header's bytes, which begin the file. */
  readonly bytes: Uint8Array;
  /** 16 bytes, fresh for every file; whoever has it can open the file. */
  readonly fileKey: Uint8Array;
}

/** A new header for `recipients` (`age1…`, already checked). */
export async function newHeader(recipients: readonly string[]): Promise<Header> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  let fileKey: Uint8Array | undefined;
  const witness: Recipient = {
    wrapFileKey(key) {
      fileKey = key.slice();
      return [];
    },
  };
  encrypter.addRecipient(witness);
  const file = await encrypter.encrypt(new Uint8Array(0));
  return { bytes: file.slice(0, file.length - NONCE_BYTES - TAG_BYTES), fileKey: fileKey! };
}

/** A header is text that ends with the line `--- <MAC>`; this bounds the search for it. */
export const HEADER_BYTES_MAX = 64 * 1024;

/** Bytes of the header that begins `file`, or `undefined` where `file` does not hold all of it. */
export function headerLength(file: Uint8Array): number | undefined {
  for (let at = 0; at + 4 < file.length; at++) {
    if (file[at] !== 0x0a || file[at + 1] !== 0x2d || file[at + 2] !== 0x2d || file[at + 3] !== 0x2d) {
      continue;
    }
    const end = file.indexOf(0x0a, at + 4);
    return end < 0 ? undefined : end + 1;
  }
  return undefined;
}

/** Opens headers with `identities`. */
export class HeaderOpener {
  readonly #decrypter = new Decrypter();

  constructor(identities: readonly string[]) {
    for (const identity of identities) this.#decrypter.addIdentity(identity);
  }

  /** The file key. Throws `UsageError` where no identity fits, `CorruptionError` where the header is damaged. */
  async open(header: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#decrypter.decryptHeader(header);
    } catch (error) {
      if (error instanceof Error && /no identity matched/.test(error.message)) {
        throw new UsageError("Cannot open backup: it was made for another key than the identity given", {
          cause: error,
        });
      }
      throw new CorruptionError("Cannot open age header: it is damaged", { cause: error });
    }
  }
}
