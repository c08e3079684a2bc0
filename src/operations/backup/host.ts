import { randomUUID } from "node:crypto";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { newSigningKey, publicKeyOf } from "../../seal/signature.ts";

/** Who this machine is: a random id that stays, and a key that signs its manifests (and opens nothing). */
export interface HostKey {
  readonly hostId: string;
  /** Ed25519, 32 raw bytes in base64. */
  readonly signingKey: string;
}

const PRIVATE = 0o600;

const pathOf = (indexPath: string) => `${indexPath}.host.json`;

/** Reads the file beside the index; makes it, readable by its owner only, where there is none. */
export function loadHostKey(indexPath: string): HostKey {
  return readHostKey(indexPath) ?? makeHostKey(indexPath, randomUUID());
}

/** The public key by which others know this host's snapshots; `undefined` before the first backup. */
export function publicHostKey(indexPath: string): string | undefined {
  const key = readHostKey(indexPath);
  return key === undefined ? undefined : publicKeyOf(key.signingKey);
}

/** `undefined` where there is none. Throws `UsageError` where it is damaged. */
export function readHostKey(indexPath: string): HostKey | undefined {
  const path = pathOf(indexPath);
  try {
    const json = JSON.parse(Deno.readTextFileSync(path));
    if (typeof json.host_id !== "string" || typeof json.signing_key !== "string") {
      throw new SyntaxError("keys missing");
    }
    return { hostId: json.host_id, signingKey: json.signing_key };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SyntaxError) {
      throw new UsageError(`Cannot read host key "${path}": it is damaged; remove it to make a new one`, {
        cause: error,
      });
    }
    throw new EnvironmentError(`Cannot read host key "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Makes a new key for the host `hostId`. */
export function makeHostKey(indexPath: string, hostId: string): HostKey {
  const path = pathOf(indexPath);
  const key = { hostId, signingKey: newSigningKey() };
  const text = JSON.stringify({ host_id: key.hostId, signing_key: key.signingKey }) + "\n";
  try {
    Deno.writeTextFileSync(path, text, { mode: PRIVATE, createNew: true });
  } catch (error) {
    throw new EnvironmentError(`Cannot write host key "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
  return key;
}
