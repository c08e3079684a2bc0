import type { BandwidthLimits, Rates } from "../model/bandwidth.ts";
import type { StoreSettings } from "./schema_store.ts";

/** The section `limits`; what its schedule leaves out is as it always is. */
export function bandwidthLimits(given: NonNullable<StoreSettings["limits"]>): BandwidthLimits {
  const always = rates(given);
  const schedule = given.schedule.map((scheduled) => ({
    from: scheduled.from,
    to: scheduled.to,
    ...rates(scheduled, always),
  }));
  return { ...always, schedule };
}

interface Given {
  readonly upload?: number;
  readonly download?: number;
}

function rates({ upload, download }: Given, fallback: Partial<Rates> = {}): Rates {
  return {
    upload: limit(upload ?? fallback.upload),
    download: limit(download ?? fallback.download),
  };
}

function limit(bytes: number | undefined): number | undefined {
  return bytes === Infinity ? undefined : bytes;
}
