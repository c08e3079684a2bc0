import type { ObjectLock, StorageClasses } from "../store/s3_put_options.ts";
import type { Refuse } from "./refusal.ts";
import type { S3Settings, StoreSettings } from "./schema_store.ts";
import { Secret } from "./secret.ts";

/** Reads a file that holds a secret. */
export type SecretReader = (path: string) => string;

/** How to reach S3 and what to ask of it, as the configuration says it. */
export interface S3Connection {
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: Secret | undefined;
  /** Files that the two were read from. */
  readonly keyFiles: readonly string[];
  readonly useSsl: boolean;
  readonly partSizeBytes: number;
  readonly pathStyle: boolean | undefined;
  readonly dualStack: boolean;
  readonly caFile: string | undefined;
  readonly idleLimitMs: number;
  readonly encryption: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly storageClasses: StorageClasses | undefined;
  readonly objectLock: ObjectLock | undefined;
}

/** Parts of a large upload unless `s3.part_size` says otherwise. */
export const DEFAULT_PART_SIZE_BYTES = 64 * 2 ** 20;
export const DEFAULT_REGION = "us-east-1";

/** What the section `s3` says beside bucket and prefix, and what the keys at the top say that mean S3 alone. */
export function s3Connection(
  s3: S3Settings,
  { storage_class, object_lock }: StoreSettings,
  defaults: { readonly region?: string; readonly readSecret?: SecretReader },
  refuse: Refuse,
): S3Connection {
  const endpoint = endpointOf(s3, refuse);
  return {
    endpoint,
    region: s3.region ?? defaults.region ?? DEFAULT_REGION,
    ...keys(s3, defaults.readSecret, refuse),
    useSsl: endpoint === undefined ? s3.use_ssl ?? true : endpoint.startsWith("https:"),
    partSizeBytes: s3.part_size,
    pathStyle: s3.path_style,
    dualStack: dualStack(s3, endpoint, refuse),
    caFile: s3.ca_file,
    idleLimitMs: s3.idle_timeout,
    ...encryption(s3, refuse),
    storageClasses: storage_class,
    objectLock: object_lock,
  };
}

function endpointOf({ endpoint: given, use_ssl }: S3Settings, refuse: Refuse): string | undefined {
  const endpoint = given === undefined ? undefined : cleanEndpoint(given, use_ssl);
  if (given === undefined || endpoint !== undefined) return endpoint;
  throw refuse(
    given.includes("@")
      ? "s3.endpoint holds a user or a password; put them into access_key_id and secret_access_key"
      : `s3.endpoint is ${
        JSON.stringify(given)
      }; allowed is HOST:PORT or https://HOST:PORT, without a path and in line with use_ssl`,
  );
}

function keys(s3: S3Settings, readFile: SecretReader | undefined, refuse: Refuse) {
  const files = { access_key_id: s3.access_key_id_file, secret_access_key: s3.secret_access_key_file };
  const read = (key: keyof typeof files) => {
    const path = files[key];
    if (path === undefined) return undefined;
    if (s3[key] !== undefined) throw refuse(`s3.${key} is given, and s3.${key}_file as well; leave one out`);
    return readFile === undefined ? undefined : readKey(key, path, readFile, refuse);
  };
  const accessKeyId = read("access_key_id")?.reveal() ?? s3.access_key_id;
  const secretAccessKey = read("secret_access_key") ?? s3.secret_access_key;
  const isHalf = (accessKeyId === undefined) !== (secretAccessKey === undefined);
  if (isHalf) {
    const missing = accessKeyId === undefined ? "access_key_id" : "secret_access_key";
    throw refuse(`s3.${missing} is missing; needed is the other half`);
  }
  const keyFiles = Object.values(files).filter((file) => file !== undefined);
  return { accessKeyId, secretAccessKey, keyFiles };
}

function readKey(key: string, path: string, readFile: SecretReader, refuse: Refuse): Secret {
  let text: string;
  try {
    text = readFile(path).trim();
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`s3.${key}_file "${path}" cannot be read: ${state}`, { cause });
  }
  if (text !== "") return new Secret(text);
  throw refuse(`s3.${key}_file "${path}" is empty; needed is the key, on a line`);
}

function dualStack({ dual_stack }: S3Settings, endpoint: string | undefined, refuse: Refuse): boolean {
  if (!dual_stack || endpoint === undefined) return dual_stack;
  throw refuse("s3.dual_stack is for AWS's own endpoints, but s3.endpoint is given; leave one out");
}

function encryption({ server_side_encryption, kms_key_id }: S3Settings, refuse: Refuse) {
  if (kms_key_id !== undefined && !server_side_encryption?.startsWith("aws:kms")) {
    throw refuse("s3.kms_key_id needs s3.server_side_encryption aws:kms or aws:kms:dsse");
  }
  return { encryption: server_side_encryption, kmsKeyId: kms_key_id };
}

/** `https://host:port` of an endpoint given with or without a scheme; `undefined` when it is none or contradicts `useSsl`. */
export function cleanEndpoint(text: string, useSsl: boolean | undefined): string | undefined {
  const hasScheme = /^[a-z]+:\/\//i.test(text);
  const whole = hasScheme ? text : `${useSsl === false ? "http" : "https"}://${text}`;
  if (!/^https?:\/\/[^/?#@]+\/?$/i.test(whole) || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  if (useSsl !== undefined && (url.protocol === "https:") !== useSsl) return undefined;
  return url.origin;
}
