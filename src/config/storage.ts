import type { BandwidthLimits } from "../model/bandwidth.ts";
import type { StoreLocation } from "../store/open.ts";
import { type AddressedPlace, backendOf } from "../store/backends.ts";
import type { S3Connection } from "./s3.ts";

/** Where the blobs are, as the configuration says it; {@link toLocation} takes the wrapping off the secret. */
export type Storage = StoragePlace & { readonly limits?: BandwidthLimits; readonly connections: number };

export type StoragePlace =
  | AddressedPlace
  | ({ readonly kind: "s3"; readonly bucket: string; readonly prefix: string } & S3Connection);

export function toLocation(storage: Storage): StoreLocation {
  if (storage.kind !== "s3") return storage;
  const { keyFiles: _, secretAccessKey, ...location } = storage;
  return { ...location, secretAccessKey: secretAccessKey?.reveal() };
}

/** For people; holds no secret. */
export function describeStorage(storage: Storage): string {
  if (storage.kind !== "s3") return backendOf(storage).address(storage);
  return `s3://${storage.bucket}${storage.prefix === "" ? "" : `/${storage.prefix}`}`;
}
