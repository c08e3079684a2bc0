import type { CompletedPart } from "@aws-sdk/client-s3";
import { sha256Hex } from "../base/digest.ts";
import { checksumAlgorithm, checksumHeader, partChecksum } from "./s3_checksum.ts";
import { sendOptions } from "./s3_client.ts";
import { checkIsS3 } from "./s3_errors.ts";
import { checkHash, signHash } from "./s3_hashes.ts";
import type { Upload, UploadTools } from "./s3_upload.ts";

/** How long to try to take back parts that will not be completed; S3 keeps, and bills, what stays. */
const ABORT_LIMIT_MS = 30_000;
const MIN_PART_BYTES = 5 << 20;
const MAX_PARTS = 10_000;

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
