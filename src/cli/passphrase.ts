import { UsageError } from "../base/errors.ts";
import { readFile } from "./read_identity.ts";
import type { Io } from "./io.ts";

export const PASSPHRASE_VARIABLE = "VAULTIK_AGE_PASSPHRASE";
export const PASSPHRASE_FILE_VARIABLE = "VAULTIK_AGE_PASSPHRASE_FILE";

/** From the environment, else typed by the user. Throws `UsageError` where there is neither. */
export async function passphraseFor(source: string, io: Io): Promise<string> {
  const given = io.env(PASSPHRASE_VARIABLE);
  if (given !== undefined) return given;
  const file = io.env(PASSPHRASE_FILE_VARIABLE);
  if (file !== undefined) {
    return new TextDecoder().decode(await readFile(file, "passphrase file"))
      .replace(/\r?\n$/, "");
  }
  const typed = await io.askSecret?.(`Passphrase of ${source}: `);
  if (typed !== undefined) return typed;
  throw new UsageError(
    `Cannot open ${source}: a passphrase protects it, and there is no terminal to ask at; ` +
      `${PASSPHRASE_VARIABLE} or the file that ${PASSPHRASE_FILE_VARIABLE} names may hold it`,
  );
}
