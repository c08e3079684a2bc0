import { UsageError } from "../../base/errors.ts";
import { findIdentities } from "../identities.ts";
import type { Io } from "../io.ts";

/** The age secret keys that the files hold, as text for paper. Throws `UsageError` where a key is in hardware, or one of SSH. */
export async function secretKeys(files: readonly string[] | undefined, io: Io): Promise<string[]> {
  const identities = await findIdentities(files, io);
  const keys = identities.filter((identity) => typeof identity === "string");
  if (keys.length > 0) return keys;
  throw new UsageError(
    "Cannot put this identity on paper: it is an SSH key or in hardware; make an age key with vaultik keygen as a second recipient, and keep that",
  );
}
