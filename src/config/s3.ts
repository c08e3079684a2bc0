import type { ObjectLock } from "../store/object_lock.ts";
import type { StorageClasses } from "../store/s3_put_options.ts";
import type { Refuse } from "./refusal.ts";
import { endpointOf } from "./s3_endpoint.ts";
import { s3Keys, type SecretReader } from "./s3_keys.ts";
import type { S3Settings } from "./schema_s3.ts";
import type { StoreSettings } from "./schema_store.ts";
import { Secret } from "./secret.ts";

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
    ...s3Keys(s3, defaults.readSecret, refuse),
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
