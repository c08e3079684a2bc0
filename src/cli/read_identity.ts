import { UsageError } from "../base/errors.ts";
import type { Io } from "./io.ts";

export const IDENTITY_VARIABLE = "VAULTIK_AGE_SECRET_KEY";

/** Throws `UsageError` where it cannot be read, and where the name is a key itself. */
export async function readIdentityFile(file: string): Promise<Uint8Array> {
  if (/^AGE-(SECRET-KEY|PLUGIN)-/i.test(file)) {
    throw new UsageError(
      `Cannot use --identity: it takes the name of a file, not the key, which others could see there; use ${IDENTITY_VARIABLE}`,
    );
  }
  return await readFile(file, "identity file");
}

/** A file of secrets. Throws `UsageError` which names it as `what`. */
export async function readFile(file: string, what: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(file);
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Deno.errors.PermissionDenied
      ? "no right to read it"
      : "it is not a readable file";
    throw new UsageError(`Cannot read ${what} ${file}: ${state}`, { cause });
  }
}

const GROUP_AND_OTHERS = 0o077;

/** Whoever reads the key opens the backups. */
export async function warnOfReaders(file: string, io: Io): Promise<void> {
  const { isFile, mode } = await Deno.stat(file);
  if (!isFile || mode === null || (mode & GROUP_AND_OTHERS) === 0) return;
  io.stderr(
    `warning: ${file} opens the backups and others than its owner have rights to it; do: chmod 600 ${file}\n`,
  );
}
