import { UsageError } from "../base/errors.ts";
import { defaultConnections } from "../store/open.ts";
import { bandwidthLimits } from "./limits.ts";
import type { Refuse } from "./refusal.ts";
import { s3Connection } from "./s3.ts";
import type { SecretReader } from "./s3_keys.ts";
import { NO_S3, type S3Settings } from "./schema_s3.ts";
import type { StoreSettings } from "./schema_store.ts";
import type { Storage, StoragePlace } from "./storage.ts";
import {
  cleanPrefix,
  isBucket,
  parseStorageUrl,
  PREFIX_LETTERS,
  STORAGE_URLS,
  type StorageUrl,
} from "./storage_url.ts";

/** What storage takes from the machine. */
export interface StorageDefaults {
  /** Of AWS, where the environment names one. */
  readonly region?: string;
  /** For keys that the configuration has in files of their own; without it such keys are absent. */
  readonly readSecret?: SecretReader;
}

/** The store that the configuration names. */
export function storageOf(given: StoreSettings, defaults: StorageDefaults, refuse: Refuse): Storage {
  const place = storagePlace(given, defaults, refuse);
  const connections = given.connections ?? defaultConnections(place);
  const limits = given.limits === undefined ? {} : { limits: bandwidthLimits(given.limits) };
  return { ...place, connections, ...limits };
}

function storagePlace(given: StoreSettings, defaults: StorageDefaults, refuse: Refuse): StoragePlace {
  const place = urlOf(given, refuse);
  if (place !== undefined && place.kind !== "s3") {
    refuseS3(given, refuse);
    return place;
  }
  const s3 = given.s3 ?? NO_S3;
  const bucket = bucketOf(s3, place?.bucket, refuse);
  const prefix = prefixOf(s3, place?.prefix ?? "", refuse);
  return { kind: "s3", bucket, prefix, ...s3Connection(s3, given, defaults, refuse) };
}

function urlOf({ storage_url: url }: StoreSettings, refuse: Refuse): StorageUrl | undefined {
  if (url === undefined) return undefined;
  try {
    return parseStorageUrl(url, "storage_url");
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    const text = cause.message.replace(/^Cannot use /, "").replace(/^storage_url /, "storage_url is ");
    throw refuse(text, { cause });
  }
}

function refuseS3(given: StoreSettings, refuse: Refuse): void {
  const elsewhere = `but storage_url is ${JSON.stringify(given.storage_url)}; leave one out`;
  if (given.s3 !== undefined) throw refuse(`s3 is given, ${elsewhere}`);
  for (const key of ["storage_class", "object_lock"] as const) {
    if (given[key] !== undefined) throw refuse(`${key} is for S3, ${elsewhere}`);
  }
}

function bucketOf({ bucket }: S3Settings, ofUrl: string | undefined, refuse: Refuse): string {
  const shown = JSON.stringify(bucket);
  if (bucket !== undefined && !isBucket(bucket)) {
    throw refuse(`s3.bucket is ${shown}; allowed is the name of a bucket, 3 to 63 letters`);
  }
  if (bucket !== undefined && ofUrl !== undefined && bucket !== ofUrl) {
    throw refuse(`s3.bucket is ${shown}, but storage_url names ${JSON.stringify(ofUrl)}`);
  }
  const name = ofUrl ?? bucket;
  if (name !== undefined) return name;
  throw refuse(`storage_url is missing; needed is ${STORAGE_URLS}`);
}

function prefixOf({ prefix: given = "" }: S3Settings, ofUrl: string, refuse: Refuse): string {
  const prefix = cleanPrefix(given);
  if (prefix === undefined) {
    throw refuse(`s3.prefix is ${JSON.stringify(given)}; allowed is ${PREFIX_LETTERS}`);
  }
  if (prefix === "" || ofUrl === "" || prefix === ofUrl) return ofUrl || prefix;
  throw refuse(`s3.prefix is ${JSON.stringify(prefix)}, but storage_url names ${JSON.stringify(ofUrl)}`);
}
