import { Encrypter, type Recipient } from "age-encryption";
import { UsageError } from "../base/errors.ts";
import { pluginOf, PluginRecipient } from "./plugin_recipient.ts";
import { SshRecipient } from "./ssh.ts";

/** What age-encryption seals to for a recipient that was checked. */
export function recipientOf(recipient: string): string | Recipient {
  if (recipient.startsWith("ssh-")) return new SshRecipient(recipient);
  return pluginOf(recipient) === undefined ? recipient : new PluginRecipient(recipient);
}

/**
 * Throws `UsageError` where a file would be sealed to recipients of which some protect less than others; a plugin says what its recipient
 * needs when it seals.
 */
export function checkLabels(sealed: readonly (string | Recipient)[]): void {
  const labels = new Set(sealed.map(labelsOf));
  if (labels.size <= 1) return;
  throw new UsageError(
    "Cannot use the recipients together: a plugin seals only beside others of its kind, as post-quantum ones " +
      `(${[...labels].map((label) => label || "none").join(" and ")})`,
  );
}

function labelsOf(recipient: string | Recipient): string {
  if (recipient instanceof PluginRecipient) return recipient.labels.toSorted().join(" ");
  return typeof recipient === "string" && isHybrid(recipient) ? "postquantum" : "";
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
  const known = recipients.filter((recipient) => pluginOf(recipient) === undefined);
  const hybrid = known.filter(isHybrid).length;
  if (hybrid > 0 && hybrid < known.length) {
    throw new UsageError(
      `Cannot use the recipients together: ${hybrid} of ${recipients.length} are post-quantum (age1pq1…, age1tagpq1…), the others ` +
        "are not, and whoever breaks one classic key would open what the post-quantum keys protect; use one kind only",
    );
  }
}

/** An SSH key without its comment, which is no part of it; others as they are. */
export function withoutComment(recipient: string): string {
  return recipient.startsWith("ssh-") ? recipient.split(/\s+/, 2).join(" ") : recipient;
}

function isHybrid(recipient: string): boolean {
  return /^age1(pq|tagpq)1/.test(recipient);
}

function faultOfRecipient(recipient: string): string | undefined {
  if (
    /AGE-(SECRET-KEY|PLUGIN)-/i.test(recipient) ||
    recipient.includes("PRIVATE KEY")
  ) {
    return "it is a SECRET key; put its public key there (age-keygen -y prints it) and keep the secret key off this machine";
  }
  if (/^(ssh-|ecdsa-|sk-)/.test(recipient)) return faultOfSsh(recipient);
  if (!recipient.startsWith("age1")) {
    return "it is not an age public key, which begins with age1 or age1pq1, nor an SSH key of type ssh-ed25519";
  }
  const known = `${recipient.slice(0, 12)}…`;
  if (recipient !== recipient.trim()) return `${known} has spaces around it`;
  if (pluginOf(recipient) !== undefined) return undefined;
  if (isAccepted(() => new Encrypter().addRecipient(recipient))) {
    return undefined;
  }
  return `${known} is damaged: its checksum or its length is wrong; copy it again, whole`;
}

function faultOfSsh(recipient: string): string | undefined {
  const [type] = recipient.split(" ");
  if (type !== "ssh-ed25519") {
    return `SSH keys of type ${type} cannot be sealed to, only ssh-ed25519`;
  }
  if (isAccepted(() => new SshRecipient(recipient))) return undefined;
  return "the SSH key is damaged; copy the line again, whole";
}

/** Whether a key is taken: packages say that by an error. */
export function isAccepted(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
