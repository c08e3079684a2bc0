import type { Retention } from "../model/retention.ts";

const RULES = {
  keep_last: "keepLast",
  keep_hourly: "keepHourly",
  keep_daily: "keepDaily",
  keep_weekly: "keepWeekly",
  keep_monthly: "keepMonthly",
  keep_yearly: "keepYearly",
  keep_within: "keepWithinMs",
  older_than: "olderThanMs",
} as const;

type Given =
  & Readonly<Record<keyof typeof RULES, number | undefined>>
  & { readonly keep_latest: boolean };

/** The section `retention`; may have no rule, see {@link hasRule}. */
export function retentionOf(given: Given): Retention {
  const found: { -readonly [rule in keyof Retention]: Retention[rule] } = {};
  for (const [key, rule] of Object.entries(RULES) as [keyof typeof RULES, keyof Retention][]) {
    if (given[key] !== undefined) found[rule] = given[key];
  }
  if (given.keep_latest) found.keepLast = Math.max(1, found.keepLast ?? 0);
  return found;
}

/** Whether it says anything: what keeps nothing would remove all it may. */
export function hasRule({ olderThanMs, ...keeping }: Retention): boolean {
  return olderThanMs !== undefined ||
    Object.values(keeping).some((amount) => amount !== undefined && amount > 0);
}
