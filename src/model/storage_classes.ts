/** How soon objects come back from cold storage; sooner costs more. */
export type Speed = "bulk" | "standard" | "expedited";

export const SPEEDS: readonly Speed[] = ["bulk", "standard", "expedited"];

interface Retrieval {
  readonly perGiB: number;
  readonly perThousandRequests: number;
  /** The provider's own words for how long it takes at most. */
  readonly hours: number;
}

/**
 * S3's list prices of asking objects back, in US dollars, us-east-1, as of November 2025, and how long it takes at most. A speed
 * that a class does not have is missing. What it costs to send the bytes out of the region comes on top.
 */
export const COLD: Readonly<Record<string, Partial<Record<Speed, Retrieval>>>> = {
  GLACIER: {
    bulk: { perGiB: 0, perThousandRequests: 0, hours: 12 },
    standard: { perGiB: 0.01, perThousandRequests: 0.05, hours: 5 },
    expedited: { perGiB: 0.03, perThousandRequests: 10, hours: 0.1 },
  },
  DEEP_ARCHIVE: {
    bulk: { perGiB: 0.0025, perThousandRequests: 0.025, hours: 48 },
    standard: { perGiB: 0.02, perThousandRequests: 0.1, hours: 12 },
  },
};

/** Classes that are read at once, at a price. */
export const READ_PER_GIB: Readonly<Record<string, number>> = {
  GLACIER_IR: 0.03,
  STANDARD_IA: 0.01,
  ONEZONE_IA: 0.01,
};

/** Whether objects of this class have to be asked back before they are read. */
export function isCold(storageClass: string | undefined): boolean {
  return storageClass !== undefined && storageClass in COLD;
}
