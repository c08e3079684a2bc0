import type { Report } from "../report/events.ts";
import { CountingStore } from "./counting.ts";
import { type FileStoreOptions, openFileStore } from "./file.ts";
import { openRcloneStore, type RcloneLocation, type RcloneStoreOptions } from "./rclone.ts";
import { retrying, type RetryingOptions } from "./retrying.ts";
import { openS3Store, type S3StoreOptions } from "./s3.ts";
import type { S3Location } from "./s3_client.ts";
import type { ObjectStore } from "./store.ts";

/** Where a store is, as the configuration says it. Holds secrets: never shown. */
export type StoreLocation =
  | { readonly kind: "file"; readonly path: string }
  | ({ readonly kind: "rclone" } & RcloneLocation)
  | ({ readonly kind: "s3" } & S3Location);

export type OpenStoreOptions = FileStoreOptions & RcloneStoreOptions & S3StoreOptions & RetryingOptions;

/** The store at `location`, which repeats what may pass by itself and says so to `report`. */
export async function openStore(
  location: StoreLocation,
  report: Report,
  options: OpenStoreOptions = {},
): Promise<ObjectStore> {
  return retrying(await openBackend(location, options), report, options);
}

async function openBackend(location: StoreLocation, options: OpenStoreOptions): Promise<ObjectStore> {
  switch (location.kind) {
    case "file":
      return new CountingStore(await openFileStore(location.path, options), options.traffic);
    case "rclone":
      return new CountingStore(await openRcloneStore(location, options), options.traffic);
    case "s3":
      return await openS3Store(location, options);
  }
}
