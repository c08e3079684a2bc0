import * as v from "valibot";
import { sha256Hex } from "../base/digest.ts";
import { hostIdOf } from "./host_id.ts";
import { parseVersioned, Time } from "./json.ts";
import { CorruptionError } from "../base/errors.ts";

const HOST_VERSION = 2;
const KEYS_VERSION = 2;
const TAG_DIGITS = 32;

/** Stored bytes of `host.json` at most, and of sealed keys. */
export const HOST_STORED_MAX = 4 * 1024;
export const KEYS_STORED_MAX = 64 * 1024;

/** What a host is known by and works with. Nothing of it opens a backup. */
export interface HostKeys {
  /** Ed25519, 32 raw bytes in base64: signs manifests. */
  readonly signingKey: string;
  /** 32 bytes in hex: where files are cut. */
  readonly chunkerSeed: string;
  /** 32 bytes in base64: opens the names in manifests. */
  readonly namesKey: string;
}

/** What `keys/<sha256>.age` holds. */
export interface SealedKeys extends HostKeys {
  readonly host: string;
  readonly hostname: string;
  readonly created: string;
  /** {@link recipientTag} of each recipient that all is sealed to from then on; older programs did not tell. */
  readonly recipients?: readonly string[];
}

/** Tells a recipient from others: those of post-quantum keys are long. */
export function recipientTag(recipient: string): string {
  return sha256Hex(new TextEncoder().encode(recipient)).slice(0, TAG_DIGITS);
}

const Key = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{43}=$/));

/** Schema of the members of {@link HostKeys} as they are written. */
export const HostKeysSchema = v.object({
  signing_key: Key,
  chunker_seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  names_key: Key,
});

/** {@link HostKeys} as they are written, in `keys/` and on the host itself. */
export function keyMembers({ signingKey, chunkerSeed, namesKey }: HostKeys) {
  return { signing_key: signingKey, chunker_seed: chunkerSeed, names_key: namesKey };
}

/** Inverse of {@link keyMembers}. */
export function fromKeyMembers(json: v.InferOutput<typeof HostKeysSchema>): HostKeys {
  return { signingKey: json.signing_key, chunkerSeed: json.chunker_seed, namesKey: json.names_key };
}

export function encodeKeys({ host, hostname, created, recipients, ...keys }: SealedKeys): string {
  const members = { host, hostname, created, ...keyMembers(keys), recipients };
  return JSON.stringify({ vaultik_keys: KEYS_VERSION, ...members }) + "\n";
}

const KeysSchema = v.object({
  ...HostKeysSchema.entries,
  host: v.string(),
  hostname: v.pipe(v.string(), v.maxLength(256)),
  created: Time,
  recipients: v.optional(v.array(v.pipe(v.string(), v.length(TAG_DIGITS)))),
});

/** Inverse of {@link encodeKeys}; whether they are those of the host is the caller's to check. Throws `CorruptionError`. */
export function decodeKeys(text: string): SealedKeys {
  const json = parseVersioned(text, "vaultik_keys", KEYS_VERSION, KeysSchema);
  const { host, hostname, created, recipients } = json;
  return { ...fromKeyMembers(json), host, hostname, created, ...recipients && { recipients } };
}

/** The public `host.json` as text to be signed. */
export function encodeHost(created: string, hostKey: string): string {
  return JSON.stringify({ vaultik_host: HOST_VERSION, created, host_key: hostKey });
}

const HostSchema = v.object({ created: Time, host_key: Key });

/** What `text`, of which the signature was checked, says of `host`. Throws `CorruptionError`. */
export function decodeHost(
  text: string,
  host: string,
): { readonly created: string; readonly hostKey: string } {
  const { created, host_key: hostKey } = parseVersioned(text, "vaultik_host", HOST_VERSION, HostSchema);
  if (hostIdOf(hostKey) !== host) throw new CorruptionError("it is that of another host");
  return { created, hostKey };
}
