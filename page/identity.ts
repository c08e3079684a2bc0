import { UsageError } from "../src/base/errors.ts";
import type { Identity } from "../src/seal/age.ts";
import { readIdentities } from "../src/seal/keys.ts";
import { isProtected, openByPassphrase, wantsPassphrase, withoutArmor } from "../src/seal/protected_file.ts";

export { isProtected };

/** The identities in a file, or in what was typed. Throws `UsageError`. */
export async function identitiesOf(
  bytes: Uint8Array,
  passphrase: string,
): Promise<Identity[]> {
  const plain = isProtected(bytes) ? await openWith(bytes, passphrase) : new TextDecoder().decode(bytes);
  return readIdentities(plain, "the key");
}

async function openWith(
  bytes: Uint8Array,
  passphrase: string,
): Promise<string> {
  const file = withoutArmor(bytes);
  if (!wantsPassphrase(file)) {
    throw new UsageError(
      "This key is protected by another key, which cannot be used here: open it with age -d",
    );
  }
  if (passphrase === "") {
    throw new UsageError("This key is protected: type its passphrase");
  }
  const text = await openByPassphrase(file, passphrase);
  if (text === undefined) {
    throw new UsageError("The passphrase does not open this key");
  }
  return text;
}
