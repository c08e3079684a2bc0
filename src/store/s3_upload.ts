import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { UnavailableError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import { type Checksum, checksumHeader } from "./s3_checksum.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { checkIsS3, codeOf } from "./s3_errors.ts";
import { checkHash, signHash } from "./s3_hashes.ts";

export interface UploadTools {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly watch: Watch;
}

export interface Upload {
  readonly target: { readonly Bucket: string; readonly Key: string };
  /** For messages. */
  readonly thing: string;
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hex; `isClaimed` where it is the caller's word and not yet known to be true. */
  readonly sha256: string;
  readonly isClaimed: boolean;
  /** Let the store refuse to replace an object. */
  readonly isConditional: boolean;
  /** What the store is to check, and to keep, so that a HEAD tells it. */
  readonly checksum: Checksum;
  /** Storage class, encryption, lock. */
  readonly headers: Partial<PutObjectCommandInput>;
}

/** One PUT, whose bytes the store checks. */
export async function uploadWhole(upload: Upload, { sdk, client, watch }: UploadTools): Promise<void> {
  const { target, thing, bytes, sha256, isClaimed, isConditional, checksum, headers } = upload;
  const command = new sdk.PutObjectCommand({
    ...target,
    ...headers,
    Body: bytes,
    ContentType: "application/octet-stream",
    IfNoneMatch: isConditional ? "*" : undefined,
  });
  signHash(command, sha256, checksumHeader(checksum, bytes, sha256));
  try {
    checkIsS3((await client.send(command, sendOptions(watch))).ETag);
  } catch (error) {
    if (!["XAmzContentSHA256Mismatch", "BadDigest"].includes(codeOf(error).name)) throw error;
    if (isClaimed) checkHash(thing, bytes, sha256);
    throw new UnavailableError("the bytes were damaged on the way", { cause: error });
  }
}
