import type { BandwidthLimits } from "../model/bandwidth.ts";
import type { StoreLocation } from "../store/open.ts";
import { describeRclone, type RcloneLocation } from "../store/rclone.ts";
import type { S3Connection } from "./s3.ts";

/** Where the blobs are, as the configuration says it; {@link toLocation} takes the wrapping off the secret. */
export type Storage = StoragePlace & { readonly limits?: BandwidthLimits; readonly connections: number };

export type StoragePlace =
  | { readonly kind: "file"; readonly path: string }
  | ({ readonly kind: "rclone" } & RcloneLocation)
  | ({ readonly kind: "s3"; readonly bucket: string; readonly prefix: string } & S3Connection);

export function toLocation(storage: Storage): StoreLocation {
  if (storage.kind !== "s3") return storage;
  const { keyFiles: _, secretAccessKey, ...location } = storage;
  return { ...location, secretAccessKey: secretAccessKey?.reveal() };
}

/** For people; holds no secret. */
export function describeStorage(storage: Storage): string {
  if (storage.kind === "file") return `file://${storage.path}`;
  if (storage.kind === "rclone") return describeRclone(storage);
  return `s3://${storage.bucket}${storage.prefix === "" ? "" : `/${storage.prefix}`}`;
}
