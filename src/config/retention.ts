import type { Retention } from "../model/retention.ts";
import type { Section } from "./section.ts";

const COUNTS = {
  keep_last: "keepLast",
  keep_hourly: "keepHourly",
  keep_daily: "keepDaily",
  keep_weekly: "keepWeekly",
  keep_monthly: "keepMonthly",
  keep_yearly: "keepYearly",
} as const;
const SPANS = { keep_within: "keepWithinMs", older_than: "olderThanMs" } as const;
const KEYS = ["keep_latest", ...Object.keys(COUNTS), ...Object.keys(SPANS)];

const COUNT_MAX = 100_000;
const SPAN_MAX_MS = 1000 * 365 * 24 * 3600 * 1000;

/** The section `retention` of `above`; `undefined` where there is none. */
export function retention(above: Section): Retention | undefined {
  if (!above.has("retention")) return undefined;
  const section = above.section("retention", KEYS);
  const found: { -readonly [rule in keyof Retention]: Retention[rule] } = {};
  for (const [key, rule] of Object.entries(COUNTS)) {
    if (section.has(key)) found[rule] = section.integer(key, 0, { min: 0, max: COUNT_MAX });
  }
  for (const [key, rule] of Object.entries(SPANS)) {
    if (section.has(key)) found[rule] = section.duration(key, "0s", { min: 0, max: SPAN_MAX_MS });
  }
  if (section.flag("keep_latest", false)) found.keepLast = Math.max(1, found.keepLast ?? 0);
  if (!hasRule(found)) throw above.missing("retention", `at least one of ${KEYS.join(", ")} that keeps some`);
  return found;
}

/** Whether it says anything: what keeps nothing would remove all it may. */
export function hasRule({ olderThanMs, ...keeping }: Retention): boolean {
  return olderThanMs !== undefined ||
    Object.values(keeping).some((amount) => amount !== undefined && amount > 0);
}
