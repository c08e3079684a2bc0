import {
  Decrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { UsageError } from "../base/errors.ts";
import type { Identity } from "./age.ts";
import { isProtected } from "./protected_file.ts";
import { isAccepted } from "./recipients.ts";
import { SshKeyFault } from "./ssh_key_fault.ts";
import { openSshKey, readSshKey } from "./ssh_key_file.ts";

/** An age key pair: the recipient seals and may be known to all, the identity opens and must not be. */
export interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
}

export async function generateKeyPair(options: { readonly postQuantum: boolean }): Promise<KeyPair> {
  const identity = await (options.postQuantum ? generateHybridIdentity() : generateX25519Identity());
  return { identity, recipient: await identityToRecipient(identity) };
}

/** The public keys of age secret keys. */
export function recipientsOf(identities: readonly string[]): Promise<string[]> {
  return Promise.all(identities.map((identity) => identityToRecipient(identity)));
}

/** Makes an identity of a line `AGE-PLUGIN-…`. */
export type OpenPlugin = (line: string) => Identity;

/**
 * The identities in `text`, which is an age-keygen file, the value of a variable or an SSH private key; at least one. `source` says in
 * messages where the text comes from; the text itself is never repeated. Without `openPlugin` those of plugins are refused.
 */
export function readIdentities(text: string, source: string, openPlugin?: OpenPlugin): Identity[] {
  if (isProtected(new TextEncoder().encode(text))) {
    throw new UsageError(
      `Cannot use ${source}: it is an encrypted file within another, or where none can be`,
    );
  }
  if (/^\s*-----BEGIN .*PRIVATE KEY-----/.test(text)) {
    return [sshIdentity(text, source)];
  }
  const identities: Identity[] = [];
  for (
    const [position, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)
      .entries()
  ) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const isPlugin = /^AGE-PLUGIN-/i.test(line);
    const fault = isPlugin && openPlugin !== undefined ? undefined : faultOfIdentity(line);
    if (fault !== undefined) {
      throw new UsageError(`Cannot use ${source}, line ${position + 1}: ${fault}`);
    }
    identities.push(isPlugin ? openPlugin!(line) : line);
  }
  if (identities.length === 0) {
    throw new UsageError(`Cannot use ${source}: there is no identity (AGE-SECRET-KEY-…) in it`);
  }
  return identities;
}

/** The identity of an OpenSSH private key file that a passphrase protects. Throws `UsageError`, also where `passphrase` is wrong. */
export function protectedSshIdentity(text: string, source: string, passphrase: string): Promise<Identity> {
  return openSshKey(text, passphrase).catch((cause) => refused(cause, source));
}

function sshIdentity(text: string, source: string): Identity {
  try {
    return readSshKey(text);
  } catch (cause) {
    return refused(cause, source);
  }
}

function refused(cause: unknown, source: string): never {
  if (!(cause instanceof SshKeyFault)) throw cause;
  throw new UsageError(`Cannot use ${source}: ${cause.message}`, { cause });
}

function faultOfIdentity(line: string): string | undefined {
  if (line.startsWith("age1")) {
    return "it is a public key; to open a backup the identity (AGE-SECRET-KEY-…) is needed";
  }
  if (/^AGE-PLUGIN-/i.test(line)) {
    return "it is opened by a plugin, which can only be used by vaultik on the command line";
  }
  if (!/^AGE-SECRET-KEY-(PQ-)?1/.test(line)) {
    return "it is not an age identity, which begins with AGE-SECRET-KEY-";
  }
  if (isAccepted(() => new Decrypter().addIdentity(line))) return undefined;
  return "the identity is damaged: its checksum or its length is wrong; copy it again, whole";
}
