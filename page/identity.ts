import { armor, Decrypter } from "age-encryption";
import { UsageError } from "../src/base/errors.ts";
import { readIdentities } from "../src/seal/keys.ts";

const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const HEAD = "age-encryption.org/";

/** Whether a passphrase protects what is in an identity file. */
export function isProtected(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
  return start.startsWith(ARMOR) || start.startsWith(HEAD);
}

/** The identities in a file, or in what was typed. Throws `UsageError`. */
export async function identitiesOf(
  bytes: Uint8Array,
  passphrase: string,
): Promise<string[]> {
  const plain = isProtected(bytes) ? await openWith(bytes, passphrase) : new TextDecoder().decode(bytes);
  return readIdentities(plain, "the key");
}

async function openWith(
  bytes: Uint8Array,
  passphrase: string,
): Promise<string> {
  if (passphrase === "") {
    throw new UsageError("This key is protected: type its passphrase");
  }
  const text = new TextDecoder().decode(bytes).trim();
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(
      text.startsWith(ARMOR) ? armor.decode(text) : bytes,
      "text",
    );
  } catch (cause) {
    throw new UsageError("The passphrase does not open this key", { cause });
  }
}
