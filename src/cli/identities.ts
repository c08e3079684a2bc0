import { append } from "../base/append.ts";
import { UsageError } from "../base/errors.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import { readIdentities, sshIdentity } from "../seal/keys.ts";
import { isProtected, openByPassphrase, wantsPassphrase, withoutArmor } from "../seal/protected_file.ts";
import { isProtectedSshKey } from "../seal/ssh_key_file.ts";
import { repeatable } from "./command.ts";
import type { Io } from "./io.ts";
import { pluginsOf } from "./plugins.ts";

export const IDENTITY_VARIABLE = "VAULTIK_AGE_SECRET_KEY";
export const PASSPHRASE_VARIABLE = "VAULTIK_AGE_PASSPHRASE";
export const PASSPHRASE_FILE_VARIABLE = "VAULTIK_AGE_PASSPHRASE_FILE";

export const IDENTITY_OPTION = () =>
  repeatable(
    "-i, --identity <file>",
    "file with the age identity (secret key), also one that a passphrase or another identity protects, or an SSH key; " +
      `otherwise ${IDENTITY_VARIABLE} holds it`,
  );

/** What may hold identities, and how messages name it. */
interface KeyText {
  readonly source: string;
  readonly bytes: Uint8Array;
}

/**
 * The identities that the files or else the environment hold. Files that are plain open those that are sealed to them; for a passphrase the
 * user is asked. Throws `UsageError`; no message repeats a key.
 */
export async function findIdentities(files: readonly string[] | undefined, io: Io): Promise<Identity[]> {
  const texts = await keyTexts(files, io);
  const openPlugin = pluginsOf(io);
  const read = async (text: string, source: string) =>
    isProtectedSshKey(text)
      ? [sshIdentity(text, source, await passphraseFor(source, io))]
      : readIdentities(text, source, openPlugin);
  const isSealed = ({ bytes }: KeyText) => isProtected(bytes);
  const identities: Identity[] = [];
  for (const { bytes, source } of texts.filter((text) => !isSealed(text))) {
    append(identities, await read(new TextDecoder().decode(bytes), source));
  }
  const opened: Identity[] = [];
  for (const text of texts.filter(isSealed)) {
    append(opened, await read(await openProtected(text, identities, io), text.source));
  }
  // Keys of an opened file come first: they are what it is there for, and the others may want a touch for each blob.
  return [...opened, ...identities];
}

async function keyTexts(files: readonly string[] | undefined, io: Io): Promise<KeyText[]> {
  const text = io.env(IDENTITY_VARIABLE);
  if (files === undefined) {
    if (text !== undefined) {
      return [{
        source: IDENTITY_VARIABLE,
        bytes: new TextEncoder().encode(text),
      }];
    }
    throw new UsageError(
      `Cannot open the backup: no identity (secret key) is given; use --identity FILE or set ${IDENTITY_VARIABLE}`,
    );
  }
  const texts: KeyText[] = [];
  for (const file of files) {
    const bytes = await readIdentityFile(file);
    if (!isProtected(bytes)) await warnOfReaders(file, io);
    texts.push({ source: `identity file ${file}`, bytes });
  }
  return texts;
}

async function openProtected(
  { source, bytes }: KeyText,
  identities: readonly Identity[],
  io: Io,
): Promise<string> {
  try {
    const file = withoutArmor(bytes);
    if (wantsPassphrase(file)) {
      const text = await openByPassphrase(file, await passphraseFor(source, io));
      if (text !== undefined) return text;
      throw new UsageError(`Cannot open ${source}: the passphrase is wrong`);
    }
    if (identities.length === 0) {
      throw new UsageError(
        `Cannot open ${source}: it is sealed to another key; give that too, with a second --identity`,
      );
    }
    return new TextDecoder().decode(await openFile(file, new HeaderOpener(identities)));
  } catch (cause) {
    if (cause instanceof UsageError && !/another key than/.test(cause.message)) throw cause;
    const state = cause instanceof UsageError
      ? "it is sealed to another key than those given"
      : "it is damaged";
    throw new UsageError(`Cannot open ${source}: ${state}`, { cause });
  }
}

/** From the environment, else typed by the user. Throws `UsageError` where there is neither. */
async function passphraseFor(source: string, io: Io): Promise<string> {
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

async function readIdentityFile(file: string): Promise<Uint8Array> {
  if (/^AGE-(SECRET-KEY|PLUGIN)-/i.test(file)) {
    throw new UsageError(
      `Cannot use --identity: it takes the name of a file, not the key, which others could see there; use ${IDENTITY_VARIABLE}`,
    );
  }
  return await readFile(file, "identity file");
}

async function readFile(file: string, what: string): Promise<Uint8Array> {
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
async function warnOfReaders(file: string, io: Io): Promise<void> {
  const { isFile, mode } = await Deno.stat(file);
  if (!isFile || mode === null || (mode & GROUP_AND_OTHERS) === 0) return;
  io.stderr(
    `warning: ${file} opens the backups and others than its owner have rights to it; do: chmod 600 ${file}\n`,
  );
}
