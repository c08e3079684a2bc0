import type { ObjectLock, StorageClasses } from "../store/s3_put_options.ts";
import type { Section } from "./section.ts";
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

export const S3_KEYS = [
  "endpoint",
  "bucket",
  "prefix",
  "access_key_id",
  "access_key_id_file",
  "secret_access_key",
  "secret_access_key_file",
  "region",
  "use_ssl",
  "part_size",
  "path_style",
  "dual_stack",
  "ca_file",
  "idle_timeout",
  "server_side_encryption",
  "kms_key_id",
];
/** At the top of the file, though they mean S3 alone: they say what happens to the backups, not how to get there. */
export const S3_TOP_KEYS = ["storage_class", "object_lock"];

/** Parts of a large upload unless `s3.part_size` says otherwise. */
export const DEFAULT_PART_SIZE_BYTES = 64 * 2 ** 20;
export const DEFAULT_REGION = "us-east-1";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const SECOND = 1_000;
const ENCRYPTIONS = ["AES256", "aws:kms", "aws:kms:dsse"];
const MAX_LOCK_DAYS = 36_500;

/** What the section `s3` says beside bucket and prefix, and what the keys at the top say that mean S3 alone. */
export function s3Connection(
  top: Section,
  s3: Section,
  defaults: { readonly region?: string; readonly readSecret?: SecretReader },
): S3Connection {
  const useSsl = s3.has("use_ssl") ? s3.flag("use_ssl", true) : undefined;
  const endpoint = endpointOf(s3, useSsl);
  return {
    endpoint,
    region: s3.text("region") ?? defaults.region ?? DEFAULT_REGION,
    ...keys(s3, defaults.readSecret),
    useSsl: endpoint === undefined ? useSsl ?? true : endpoint.startsWith("https:"),
    partSizeBytes: s3.size("part_size", DEFAULT_PART_SIZE_BYTES, { min: 5 * MIB, max: 5 * GIB }),
    pathStyle: s3.has("path_style") ? s3.flag("path_style", true) : undefined,
    dualStack: dualStack(s3, endpoint),
    caFile: s3.text("ca_file", "the path of a PEM file"),
    idleLimitMs: s3.duration("idle_timeout", "1m", { min: SECOND, max: 3600 * SECOND }),
    ...encryption(s3),
    storageClasses: storageClasses(top),
    objectLock: objectLock(top),
  };
}

function endpointOf(s3: Section, useSsl: boolean | undefined): string | undefined {
  const given = s3.text("endpoint", "https://HOST:PORT");
  const endpoint = given === undefined ? undefined : cleanEndpoint(given, useSsl);
  if (given === undefined || endpoint !== undefined) return endpoint;
  throw s3.problem(
    given.includes("@")
      ? "s3.endpoint holds a user or a password; put them into access_key_id and secret_access_key"
      : `s3.endpoint is ${
        JSON.stringify(given)
      }; allowed is HOST:PORT or https://HOST:PORT, without a path and in line with use_ssl`,
  );
}

function keys(s3: Section, readFile: SecretReader | undefined) {
  const idFile = keyFile(s3, "access_key_id");
  const secretFile = keyFile(s3, "secret_access_key");
  const read = (path: string | undefined, key: string) =>
    path === undefined || readFile === undefined ? undefined : readKey(s3, key, path, readFile);
  const accessKeyId = read(idFile, "access_key_id")?.reveal() ?? s3.text("access_key_id");
  const secretAccessKey = read(secretFile, "secret_access_key") ?? s3.secret("secret_access_key");
  if (accessKeyId !== undefined && secretAccessKey === undefined) {
    throw s3.missing("secret_access_key", "the other half");
  }
  if (accessKeyId === undefined && secretAccessKey !== undefined) {
    throw s3.missing("access_key_id", "the other half");
  }
  return {
    accessKeyId,
    secretAccessKey,
    keyFiles: [idFile, secretFile].filter((file) => file !== undefined),
  };
}

/** The file that holds the value of `key`, if the configuration names one. */
function keyFile(s3: Section, key: string): string | undefined {
  const path = s3.text(`${key}_file`, "the absolute path of a file");
  if (path === undefined) return undefined;
  if (s3.has(key)) throw s3.problem(`s3.${key} is given, and s3.${key}_file as well; leave one out`);
  if (path.startsWith("/") && !path.endsWith("/")) return path;
  throw s3.refusal(`${key}_file`, "the absolute path of a file");
}

function readKey(s3: Section, key: string, path: string, readFile: SecretReader): Secret {
  let text: string;
  try {
    text = readFile(path).trim();
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw s3.problem(`s3.${key}_file "${path}" cannot be read: ${state}`, { cause });
  }
  if (text !== "") return new Secret(text);
  throw s3.problem(`s3.${key}_file "${path}" is empty; needed is the key, on a line`);
}

function dualStack(s3: Section, endpoint: string | undefined): boolean {
  const isDual = s3.flag("dual_stack", false);
  if (!isDual || endpoint === undefined) return isDual;
  throw s3.problem("s3.dual_stack is for AWS's own endpoints, but s3.endpoint is given; leave one out");
}

function encryption(s3: Section) {
  const encryption = s3.choice("server_side_encryption", ENCRYPTIONS);
  const kmsKeyId = s3.text("kms_key_id");
  if (kmsKeyId !== undefined && !encryption?.startsWith("aws:kms")) {
    throw s3.problem("s3.kms_key_id needs s3.server_side_encryption aws:kms or aws:kms:dsse");
  }
  return { encryption, kmsKeyId };
}

function storageClasses(top: Section): StorageClasses | undefined {
  if (!top.has("storage_class")) return undefined;
  const section = top.section("storage_class", ["blobs", "pages", "metadata"]);
  const of = (kind: string) => {
    const name = section.text(kind, "the name of a storage class");
    if (name === undefined || /^[A-Z0-9_]{1,64}$/.test(name)) return name;
    throw section.refusal(kind, "the name of a storage class, as in STANDARD_IA or DEEP_ARCHIVE");
  };
  return { blobs: of("blobs"), pages: of("pages"), metadata: of("metadata") };
}

function objectLock(top: Section): ObjectLock | undefined {
  if (!top.has("object_lock")) return undefined;
  const section = top.section("object_lock", ["mode", "days"]);
  const mode = section.choice("mode", ["governance", "compliance"] as const);
  if (mode === undefined) throw section.missing("mode", "governance or compliance");
  if (!section.has("days")) throw section.missing("days", "how many days no one may delete a backup");
  return { mode, days: section.integer("days", 0, { min: 1, max: MAX_LOCK_DAYS }) };
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
