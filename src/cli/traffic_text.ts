import { formatCount, formatSize } from "../base/units.ts";
import type { StoreVerb, TrafficCounts } from "../store/traffic.ts";

const WORDS: Readonly<Record<StoreVerb, string>> = {
  put: "put",
  get: "get",
  size: "look",
  list: "list",
  remove: "remove",
};

/** `5 requests (2 put, 1 get, 2 list), sent 1.2 MiB, fetched 10 KiB` */
export function trafficText(counts: TrafficCounts): string {
  const used = Object.entries(WORDS).map(([verb, word]) => ({ word, ...counts[verb as StoreVerb] }))
    .filter(({ calls }) => calls > 0);
  const calls = used.reduce((sum, { calls }) => sum + calls, 0);
  const kinds = used.map(({ word, calls }) => `${formatCount(calls)} ${word}`).join(", ");
  const parts = [
    `${formatCount(calls)} ${calls === 1 ? "request" : "requests"}${kinds === "" ? "" : ` (${kinds})`}`,
    counts.put.bytes === 0 ? "" : `sent ${formatSize(counts.put.bytes)}`,
    counts.get.bytes === 0 ? "" : `fetched ${formatSize(counts.get.bytes)}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
