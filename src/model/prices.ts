/** What a GiB costs a month, by storage class; `default` is for objects of a class without a price, or of none. */
export interface Prices {
  readonly perGiB: Readonly<Record<string, number>>;
  /** What the numbers are, for people. */
  readonly basis: string;
}

/** S3's list prices, in dollars. They change seldom; `prices` in the configuration is for whoever pays others. */
export const AWS_PRICES: Prices = {
  perGiB: {
    STANDARD: 0.023,
    INTELLIGENT_TIERING: 0.023,
    STANDARD_IA: 0.0125,
    ONEZONE_IA: 0.01,
    GLACIER_IR: 0.004,
    GLACIER: 0.0036,
    DEEP_ARCHIVE: 0.00099,
    REDUCED_REDUNDANCY: 0.024,
    default: 0.023,
  },
  basis: "US dollars, list prices of S3 in us-east-1 as of November 2025",
};

const GIB = 2 ** 30;

/** What `bytes` in `storageClass` cost a month: storage alone, without requests, least sizes and least times. */
export function monthlyCost(
  bytes: number,
  storageClass: string | undefined,
  { perGiB }: Prices,
): number | undefined {
  const price = perGiB[storageClass ?? "default"] ?? perGiB.default;
  return price === undefined ? undefined : bytes / GIB * price;
}
