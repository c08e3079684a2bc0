import type { CompletedPart, PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, UnavailableError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { Checksum } from "./s3_abilities.ts";
import { checksumAlgorithm, checksumHeader, partChecksum } from "./s3_checksum.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { checkIsS3, codeOf } from "./s3_errors.ts";

/** How long to try to take back parts that will not be completed; S3 keeps, and bills, what stays. */
const ABORT_LIMIT_MS = 30_000;
const MIN_PART_BYTES = 5 << 20;
const MAX_PARTS = 10_000;

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

/** One part after the other; what is not completed is taken back, as far as that can be done. */
export async function uploadParts(upload: Upload, partSizeBytes: number, tools: UploadTools): Promise<void> {
  const { target, thing, bytes, sha256, isClaimed, isConditional, checksum, headers } = upload;
  const { sdk, client, watch } = tools;
  if (isClaimed) checkHash(thing, bytes, sha256);
  const create = new sdk.CreateMultipartUploadCommand({
    ...target,
    ...headers,
    ContentType: "application/octet-stream",
    ChecksumAlgorithm: checksumAlgorithm(checksum),
  });
  const { UploadId } = await client.send(create, sendOptions(watch));
  checkIsS3(UploadId);
  try {
    const Parts = await sendParts(upload, UploadId!, partSizeBytes, tools);
    const IfNoneMatch = isConditional ? "*" : undefined;
    const input = { ...target, UploadId, IfNoneMatch, MultipartUpload: { Parts } };
    const complete = new sdk.CompleteMultipartUploadCommand(input);
    checkIsS3((await client.send(complete, sendOptions(watch))).ETag);
  } catch (error) {
    const abort = new sdk.AbortMultipartUploadCommand({ ...target, UploadId });
    await client.send(abort, { abortSignal: AbortSignal.timeout(ABORT_LIMIT_MS) }).catch(() => {});
    throw error;
  }
}

async function sendParts(upload: Upload, UploadId: string, partSizeBytes: number, tools: UploadTools) {
  const { target, bytes, checksum } = upload;
  const { sdk, client, watch } = tools;
  const partBytes = Math.max(MIN_PART_BYTES, partSizeBytes, Math.ceil(bytes.length / MAX_PARTS));
  const parts: CompletedPart[] = [];
  for (let offset = 0; offset < bytes.length; offset += partBytes) {
    const PartNumber = parts.length + 1;
    const Body = bytes.subarray(offset, offset + partBytes);
    const command = new sdk.UploadPartCommand({ ...target, UploadId, PartNumber, Body });
    const sha256 = sha256Hex(Body);
    signHash(command, sha256, checksumHeader(checksum, Body, sha256));
    const { ETag } = await client.send(command, sendOptions(watch));
    checkIsS3(ETag);
    watch.progress();
    parts.push({ PartNumber, ETag, ...partChecksum(checksum, Body, sha256) });
  }
  return parts;
}

type BodyCommand = InstanceType<Sdk["PutObjectCommand"]> | InstanceType<Sdk["UploadPartCommand"]>;

/** The signature covers this hash, so the store checks the bytes against it, and the SDK need not hash them again. */
function signHash(
  command: BodyCommand,
  sha256: string,
  checksum: readonly [string, string] | undefined,
): void {
  const { middlewareStack } = command as InstanceType<Sdk["PutObjectCommand"]>;
  middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers["x-amz-content-sha256"] = sha256;
      if (checksum !== undefined) headers[checksum[0]] = checksum[1];
      return await next(args);
    },
    { step: "build", name: "signHash" },
  );
}

function checkHash(thing: string, bytes: Uint8Array, sha256: string): void {
  if (sha256Hex(bytes) === sha256) return;
  throw new CorruptionError(`Cannot write "${thing}": the bytes do not have the SHA-256 ${sha256}`);
}
