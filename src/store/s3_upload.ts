import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { UnavailableError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { Checksum } from "./s3_abilities.ts";
import { checksumHeader, wholeSha256 } from "./s3_checksum.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { checkIsS3, codeOf } from "./s3_errors.ts";
import { checkHash, signHash, UNSIGNED } from "./s3_hashes.ts";

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
  /** Whether the signature is to cover the bytes, or their checksum alone. */
  readonly isSigned: boolean;
  /** Storage class, encryption, lock. */
  readonly headers: Partial<PutObjectCommandInput>;
}

/** One PUT, whose bytes the store checks. Whether its answer repeated their SHA-256. */
export async function uploadWhole(upload: Upload, { sdk, client, watch }: UploadTools): Promise<boolean> {
  const { target, thing, bytes, sha256, isClaimed, isConditional, checksum, isSigned, headers } = upload;
  const command = new sdk.PutObjectCommand({
    ...target,
    ...headers,
    Body: bytes,
    ContentType: "application/octet-stream",
    IfNoneMatch: isConditional ? "*" : undefined,
  });
  signHash(command, isSigned ? sha256 : UNSIGNED, checksumHeader(checksum, bytes, sha256));
  try {
    const { ETag, ChecksumSHA256 } = await client.send(command, sendOptions(watch));
    checkIsS3(ETag);
    return wholeSha256(ChecksumSHA256) === sha256;
  } catch (error) {
    if (!["XAmzContentSHA256Mismatch", "BadDigest"].includes(codeOf(error).name)) throw error;
    if (isClaimed) checkHash(thing, bytes, sha256);
    throw new UnavailableError("the bytes were damaged on the way", { cause: error });
  }
}
