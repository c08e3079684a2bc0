import { append } from "../base/append.ts";
import { UsageError } from "../base/errors.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import { protectedSshIdentity, readIdentities } from "../seal/keys.ts";
import { isProtected, openByPassphrase, wantsPassphrase, withoutArmor } from "../seal/protected_file.ts";
import { isProtectedSshKey } from "../seal/ssh_key_file.ts";
import { repeatable } from "./command.ts";
import { IDENTITY_VARIABLE, readIdentityFile, warnOfReaders } from "./read_identity.ts";
import type { Io } from "./io.ts";
import { passphraseFor } from "./passphrase.ts";
import { pluginsOf } from "./plugins.ts";

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
      ? [await protectedSshIdentity(text, source, await passphraseFor(source, io))]
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
