import { formatSize } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import type { BandwidthLimits, Rates } from "../model/bandwidth.ts";
import { formatTrustedHost } from "../model/trust.ts";

/** Whose snapshots count. */
export function trustRows({ trust }: Config): string[][] {
  if (trust === undefined) return [["trusted hosts", "all"]];
  return [
    ...trust.hosts.map((host) => ["trusted host", formatTrustedHost(host)]),
    ["untrusted snapshots", trust.untrusted],
  ];
}

/** How fast the line may be used, and when. */
export function limitRows(limits: BandwidthLimits): string[][] {
  const rate = (bytes: number | undefined) => bytes === undefined ? "unlimited" : `${formatSize(bytes)}/s`;
  const rates = ({ upload, download }: Rates) => `upload ${rate(upload)}, download ${rate(download)}`;
  const time = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return [
    ["limits", rates(limits)],
    ...limits.schedule.map((scheduled) => [
      `  ${time(scheduled.from)} to ${time(scheduled.to)}`,
      rates(scheduled),
    ]),
  ];
}

/** How S3 is reached. No secret is shown. */
export function s3Rows(storage: Extract<Config["storage"], { readonly kind: "s3" }>): string[][] {
  return [
    ["s3 endpoint", storage.endpoint ?? "AWS"],
    ["s3 region", storage.region],
    ["s3 access key", storage.accessKeyId ?? "from the environment or a profile of AWS"],
    [
      "s3 secret key",
      storage.secretAccessKey === undefined ? "from the environment or a profile of AWS" : "***",
    ],
    ["s3 part size", formatSize(storage.partSizeBytes)],
  ];
}
