import { sha256Hex } from "../base/digest.ts";
import { ExistsError } from "../base/errors.ts";
import { encodeHost, encodeKeys, type HostKeys } from "../model/host_keys.ts";
import { addSignature } from "../model/manifest.ts";
import { HOST_NAME, keysName } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import { sealFile } from "../seal/file.ts";
import { publicKeyOf, signText } from "../seal/signature.ts";

const encoder = new TextEncoder();

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
  const sealed = await sealFile(encoder.encode(encodeKeys({ ...keys, host, hostname, created })), recipients);
  const sha256 = sha256Hex(sealed);
  await store.put(keysName(sha256), sealed, { signal, sha256, createOnly: true });
}
