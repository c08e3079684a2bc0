import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { UsageError } from "../base/errors.ts";

/** An age key pair: the recipient seals and may be known to all, the identity opens and must not be. */
export interface KeyPair {
  readonly identity: string;
  readonly recipient: string;
}

export async function generateKeyPair(options: { readonly postQuantum: boolean }): Promise<KeyPair> {
  const identity = await (options.postQuantum ? generateHybridIdentity() : generateX25519Identity());
  return { identity, recipient: await identityToRecipient(identity) };
}

/**
 * Passes when blobs can be sealed to all of `recipients`; otherwise throws `UsageError`.
 * The message never repeats what might be a secret.
 */
export function checkRecipients(recipients: readonly string[]): void {
  if (recipients.length === 0) {
    throw new UsageError(
      "Cannot seal a backup: no recipient is given, at least one age public key is needed",
    );
  }
  for (const [position, recipient] of recipients.entries()) {
    const fault = faultOfRecipient(recipient);
    if (fault === undefined) continue;
    const place = recipients.length === 1 ? "recipient" : `recipient ${position + 1} of ${recipients.length}`;
    throw new UsageError(`Cannot use ${place}: ${fault}`);
  }
  const hybrid = recipients.filter(isHybrid).length;
  if (hybrid > 0 && hybrid < recipients.length) {
    throw new UsageError(
      `Cannot use the recipients together: ${hybrid} of ${recipients.length} are post-quantum (age1pq1…), the others ` +
        "are not, and whoever breaks one classic key would open what the post-quantum keys protect; use one kind only",
    );
  }
}

function isHybrid(recipient: string): boolean {
  return recipient.startsWith("age1pq1");
}

function faultOfRecipient(recipient: string): string | undefined {
  if (/AGE-(SECRET-KEY|PLUGIN)-/i.test(recipient) || recipient.includes("PRIVATE KEY")) {
    return "it is a SECRET key; put its public key there (age-keygen -y prints it) and keep the secret key off this machine";
  }
  if (/^(ssh-|ecdsa-|sk-)/.test(recipient)) {
    return "SSH keys are not supported; make an age key with vaultik keygen";
  }
  if (!recipient.startsWith("age1")) return "it is not an age public key, which begins with age1 or age1pq1";
  const known = `${recipient.slice(0, 12)}…`;
  if (recipient !== recipient.trim()) return `${known} has spaces around it`;
  if (/^age1[a-z0-9-]+1/.test(recipient) && !isHybrid(recipient)) {
    return `${known} belongs to a plugin or a hardware key, which are not supported; make an age key with vaultik keygen`;
  }
  if (isAccepted(() => new Encrypter().addRecipient(recipient))) return undefined;
  return `${known} is damaged: its checksum or its length is wrong; copy it again, whole`;
}

/**
 * The identities in `text`, which is an age-keygen file or the value of a variable; at least one.
 * `source` says in messages where the text comes from; the text itself is never repeated.
 */
export function readIdentities(text: string, source: string): string[] {
  if (/^\s*(-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org\/)/.test(text)) {
    throw new UsageError(`Cannot use ${source}: it is protected by a passphrase; open it first with age -d`);
  }
  if (/^\s*-----BEGIN .*PRIVATE KEY-----/.test(text)) {
    throw new UsageError(`Cannot use ${source}: it is an SSH or PEM key, only age identities are supported`);
  }
  const identities: string[] = [];
  for (const [position, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const fault = faultOfIdentity(line);
    if (fault !== undefined) throw new UsageError(`Cannot use ${source}, line ${position + 1}: ${fault}`);
    identities.push(line);
  }
  if (identities.length === 0) {
    throw new UsageError(`Cannot use ${source}: there is no identity (AGE-SECRET-KEY-…) in it`);
  }
  return identities;
}

function faultOfIdentity(line: string): string | undefined {
  if (line.startsWith("age1")) {
    return "it is a public key; to open a backup the identity (AGE-SECRET-KEY-…) is needed";
  }
  if (/^AGE-PLUGIN-/i.test(line)) return "plugin and hardware identities are not supported";
  if (!/^AGE-SECRET-KEY-(PQ-)?1/.test(line)) {
    return "it is not an age identity, which begins with AGE-SECRET-KEY-";
  }
  if (isAccepted(() => new Decrypter().addIdentity(line))) return undefined;
  return "the identity is damaged: its checksum or its length is wrong; copy it again, whole";
}

/** `text` for a message, with `***` for every identity in it: keys get into all kinds of wrong places. */
export function maskIdentities(text: string): string {
  return text.replace(/AGE-(SECRET-KEY|PLUGIN)-[A-Z0-9-]+/gi, "***");
}

function isAccepted(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
