import { UsageError } from "../base/errors.ts";
import { readIdentities } from "../seal/keys.ts";
import { flag } from "./command.ts";
import type { Io } from "./io.ts";

export const IDENTITY_VARIABLE = "VAULTIK_AGE_SECRET_KEY";

export const IDENTITY_OPTION = () =>
  flag(
    "-i, --identity <file>",
    `file with the age identity (secret key); otherwise ${IDENTITY_VARIABLE} holds it`,
  );

/** The identities that the file or else the environment holds. Throws `UsageError`; no message repeats a key. */
export async function findIdentities(file: string | undefined, io: Io): Promise<string[]> {
  if (file !== undefined) {
    const identities = readIdentities(await readIdentityFile(file), `identity file ${file}`);
    await warnOfReaders(file, io);
    return identities;
  }
  const text = io.env(IDENTITY_VARIABLE);
  if (text !== undefined) return readIdentities(text, IDENTITY_VARIABLE);
  throw new UsageError(
    `Cannot open the backup: no identity (secret key) is given; use --identity FILE or set ${IDENTITY_VARIABLE}`,
  );
}

async function readIdentityFile(file: string): Promise<string> {
  if (/^AGE-SECRET-KEY-/i.test(file)) {
    throw new UsageError(
      `Cannot use --identity: it takes the name of a file, not the key, which others could see there; use ${IDENTITY_VARIABLE}`,
    );
  }
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Deno.errors.PermissionDenied
      ? "no right to read it"
      : "it is not a readable file";
    throw new UsageError(`Cannot read identity file ${file}: ${state}`, { cause });
  }
}

const GROUP_AND_OTHERS = 0o077;

/** Whoever reads the key opens the backups. */
async function warnOfReaders(file: string, io: Io): Promise<void> {
  const { isFile, mode } = await Deno.stat(file);
  if (!isFile || mode === null || (mode & GROUP_AND_OTHERS) === 0) return;
  io.stderr(
    `warning: ${file} opens the backups and others than its owner have rights to it; do: chmod 600 ${file}\n`,
  );
}
