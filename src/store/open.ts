import type { Report } from "../report/events.ts";
import type { BandwidthLimits } from "../model/bandwidth.ts";
import type { BackendOptions } from "./backend.ts";
import { type AddressedPlace, backendOf } from "./backends.ts";
import { CountingStore } from "./counting.ts";
import { LimitedStore } from "./limited.ts";
import { Pacer } from "./pacer.ts";
import { retrying, type RetryingOptions } from "./retrying.ts";
import type { S3Location, S3StoreOptions } from "./s3_client.ts";
import { SharedStore } from "./shared.ts";
import type { ObjectStore } from "./store.ts";

/** Where a store is, as the configuration says it. Holds secrets: never shown. */
export type StoreLocation =
  & {
    /** How fast it may be written and read. */
    readonly limits?: BandwidthLimits;
    /** Calls at a time. Default: {@link defaultConnections}. */
    readonly connections?: number;
  }
  & (AddressedPlace | ({ readonly kind: "s3" } & S3Location));

const S3_CONNECTIONS = 16;

/** Calls at a time: a far store needs many to fill the line, a disk few. */
export function defaultConnections(place: AddressedPlace | { readonly kind: "s3" }): number {
  return place.kind === "s3" ? S3_CONNECTIONS : backendOf(place).connections;
}

export type OpenStoreOptions = BackendOptions & S3StoreOptions & RetryingOptions;

/** The store at `location`, which repeats what may pass by itself and says so to `report`. */
export async function openStore(
  location: StoreLocation,
  report: Report,
  options: OpenStoreOptions = {},
): Promise<ObjectStore> {
  const connections = location.connections ?? defaultConnections(location);
  return retrying(new SharedStore(await openBackend(location, options), connections), report, options);
}

async function openBackend(location: StoreLocation, options: OpenStoreOptions): Promise<ObjectStore> {
  const pacer = location.limits && new Pacer(location.limits);
  if (location.kind === "s3") {
    const { openS3Store } = await import("./s3.ts");
    return await openS3Store(location, { ...options, pacer });
  }
  const store = await backendOf(location).open(location, options);
  return new CountingStore(pacer === undefined ? store : new LimitedStore(store, pacer), options.traffic);
}
