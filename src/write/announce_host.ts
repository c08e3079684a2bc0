import { sha256Hex } from "../base/digest.ts";
import { ExistsError } from "../base/errors.ts";
import { encodeHost, encodeKeys, type HostKeys, recipientTag } from "../model/host_keys.ts";
import { addSignature } from "../model/manifest.ts";
import { HOST_NAME, keysName } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import { sealFile } from "../seal/file.ts";
import { publicKeyOf, signText } from "../seal/signature.ts";

const encoder = new TextEncoder();

/** Setting of the index: where, under which name and to which recipients the host has sealed its keys, as {@link announcement} has it. */
export const ANNOUNCED = "announced";

export interface Announcement {
  readonly store: string;
  readonly hostname: string;
  readonly recipients: readonly string[];
}

/** Keys that older programs have sealed do not tell the recipients: `tells` makes them be sealed once more. */
export function announcement({ store, hostname, recipients }: Announcement): string {
  return JSON.stringify({ store, hostname, recipients, tells: "recipients" });
}

/**
 * Writes what makes a host one: its public `host.json`, and its keys sealed to `recipients`, so that the identity can make the host
 * again. Safe to repeat.
 */
export async function announceHost(
  { store, signal, now, host }: HostTools,
  keys: HostKeys,
  { hostname, recipients }: { readonly hostname: string; readonly recipients: readonly string[] },
): Promise<void> {
  const created = now().toISOString();
  const text = encodeHost(created, publicKeyOf(keys.signingKey));
  const signed = encoder.encode(addSignature(text, signText(text, keys.signingKey)) + "\n");
  try {
    await store.put(HOST_NAME, signed, { signal, createOnly: true });
  } catch (error) {
    if (!(error instanceof ExistsError)) throw error;
  }
  const members = { ...keys, host, hostname, created, recipients: recipients.map(recipientTag) };
  const sealed = await sealFile(encoder.encode(encodeKeys(members)), recipients);
  const sha256 = sha256Hex(sealed);
  await store.put(keysName(sha256), sealed, { signal, sha256, createOnly: true });
}
