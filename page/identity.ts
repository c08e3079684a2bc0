import { UsageError } from "../src/base/errors.ts";
import type { Identity } from "../src/seal/age.ts";
import { protectedSshIdentity, readIdentities } from "../src/seal/keys.ts";
import { isProtected, openByPassphrase, wantsPassphrase, withoutArmor } from "../src/seal/protected_file.ts";
import { isProtectedSshKey } from "../src/seal/ssh_key_file.ts";

/** Whether it may take a passphrase to open what is in a file, or was typed. */
export function isLocked(bytes: Uint8Array): boolean {
  return isProtected(bytes) || isProtectedSshKey(new TextDecoder().decode(bytes));
}

/** The identities in a file, or in what was typed. Throws `UsageError`. */
export async function identitiesOf(
  bytes: Uint8Array,
  passphrase: string,
): Promise<Identity[]> {
  const plain = isProtected(bytes) ? await openWith(bytes, passphrase) : new TextDecoder().decode(bytes);
  if (!isProtectedSshKey(plain)) return readIdentities(plain, "the key");
  if (passphrase === "") throw passphraseMissing();
  return [await protectedSshIdentity(plain, "the key", passphrase)];
}

function passphraseMissing(): UsageError {
  return new UsageError("This key is protected: type its passphrase");
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
  if (passphrase === "") throw passphraseMissing();
  const text = await openByPassphrase(file, passphrase);
  if (text === undefined) {
    throw new UsageError("The passphrase does not open this key");
  }
  return text;
}
