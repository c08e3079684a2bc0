import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { lockEnd, lockMode, type ObjectLock } from "./object_lock.ts";

/** Storage class by kind of object; S3 decides where none is named. */
export interface StorageClasses {
  readonly blobs?: string;
  readonly pages?: string;
  readonly metadata?: string;
}

/** What every PUT asks of S3 beside storing the bytes. */
export interface S3PutOptions {
  readonly storageClasses?: StorageClasses;
  readonly objectLock?: ObjectLock;
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly encryption?: string;
  readonly kmsKeyId?: string;
}

type Headers = Pick<
  PutObjectCommandInput,
  "StorageClass" | "ServerSideEncryption" | "SSEKMSKeyId" | "ObjectLockMode" | "ObjectLockRetainUntilDate"
>;

/** The members of a PUT (or of the begin of a multipart upload) of the object `name`. */
export function putHeaders(name: string, options: S3PutOptions, now: Date): Headers {
  const { storageClasses, objectLock, encryption, kmsKeyId } = options;
  return {
    StorageClass: storageClasses?.[kindOf(name)] as Headers["StorageClass"],
    ServerSideEncryption: encryption as Headers["ServerSideEncryption"],
    SSEKMSKeyId: kmsKeyId,
    ObjectLockMode: objectLock && lockMode(objectLock),
    ObjectLockRetainUntilDate: objectLock && lockEnd(objectLock, now),
  };
}

/** Everything that is no data is metadata: small, and read to find the rest. */
function kindOf(name: string): keyof StorageClasses {
  for (const folder of name.split("/").slice(0, -1)) {
    if (folder === "blobs" || folder === "pages") return folder;
  }
  return "metadata";
}
