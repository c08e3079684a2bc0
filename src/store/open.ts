import type { Report } from "../report/events.ts";
import type { BandwidthLimits } from "../model/bandwidth.ts";
import { CountingStore } from "./counting.ts";
import { type FileStoreOptions, openFileStore } from "./file.ts";
import { LimitedStore } from "./limited.ts";
import { Pacer } from "./pacer.ts";
import { openRcloneStore, type RcloneLocation, type RcloneStoreOptions } from "./rclone.ts";
import { retrying, type RetryingOptions } from "./retrying.ts";
import { openS3Store } from "./s3.ts";
import type { S3Location, S3StoreOptions } from "./s3_client.ts";
import { SharedStore } from "./shared.ts";
import type { ObjectStore } from "./store.ts";

/** Where a store is, as the configuration says it. Holds secrets: never shown. */
export type StoreLocation =
  & {
    /** How fast it may be written and read. */
    readonly limits?: BandwidthLimits;
    /** Calls at a time. Default: {@link DEFAULT_CONNECTIONS}. */
    readonly connections?: number;
  }
  & (
    | { readonly kind: "file"; readonly path: string }
    | ({ readonly kind: "rclone" } & RcloneLocation)
    | ({ readonly kind: "s3" } & S3Location)
  );

/** Calls at a time: a far store needs many to fill the line, a disk few. */
export const DEFAULT_CONNECTIONS = { s3: 8, rclone: 8, file: 2 };

export type OpenStoreOptions = FileStoreOptions & RcloneStoreOptions & S3StoreOptions & RetryingOptions;

/** The store at `location`, which repeats what may pass by itself and says so to `report`. */
export async function openStore(
  location: StoreLocation,
  report: Report,
  options: OpenStoreOptions = {},
): Promise<ObjectStore> {
  const connections = location.connections ?? DEFAULT_CONNECTIONS[location.kind];
  return retrying(new SharedStore(await openBackend(location, options), connections), report, options);
}

async function openBackend(location: StoreLocation, options: OpenStoreOptions): Promise<ObjectStore> {
  const pacer = location.limits && new Pacer(location.limits);
  if (location.kind === "s3") return await openS3Store(location, { ...options, pacer });
  const store = await openSimple(location, options);
  return new CountingStore(pacer === undefined ? store : new LimitedStore(store, pacer), options.traffic);
}

/** Stores that neither count requests nor keep to limits themselves. */
function openSimple(
  location: Exclude<StoreLocation, { readonly kind: "s3" }>,
  options: OpenStoreOptions,
): Promise<ObjectStore> {
  switch (location.kind) {
    case "file":
      return openFileStore(location.path, options);
    case "rclone":
      return openRcloneStore(location, options);
  }
}
