import type { PutObjectCommandInput } from "@aws-sdk/client-s3";

/** Storage class by kind of object; S3 decides where none is named. */
export interface StorageClasses {
  readonly blobs?: string;
  readonly pages?: string;
  readonly metadata?: string;
}

/** For how long no one may remove what is stored: in mode `compliance` not even the owner of the account. */
export interface ObjectLock {
  readonly mode: "governance" | "compliance";
  readonly days: number;
}

/** What every PUT asks of S3 beside storing the bytes. */
export interface S3PutOptions {
  readonly storageClasses?: StorageClasses;
  readonly objectLock?: ObjectLock;
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  readonly encryption?: string;
  readonly kmsKeyId?: string;
}

const DAY_MS = 24 * 3600 * 1000;
/** Locks are made this much longer, so that they need not be renewed with every snapshot. */
const SLACK = 1 / 4;

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

export function lockMode({ mode }: ObjectLock): "GOVERNANCE" | "COMPLIANCE" {
  return mode === "governance" ? "GOVERNANCE" : "COMPLIANCE";
}

/** Until when an object stored or renewed now is locked. */
export function lockEnd({ days }: ObjectLock, now: Date): Date {
  return new Date(now.getTime() + days * (1 + SLACK) * DAY_MS);
}

/** Until when all that a snapshot of now needs has to be locked. */
export function lockNeeded({ days }: ObjectLock, now: Date): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
