import { UsageError } from "../base/errors.ts";
import { parseDuration } from "../base/units.ts";
import type { Retention } from "../model/retention.ts";
import { flag } from "./command.ts";

export interface RetentionFlags {
  readonly keepLatest?: boolean;
  readonly keepLast?: string;
  readonly keepHourly?: string;
  readonly keepDaily?: string;
  readonly keepWeekly?: string;
  readonly keepMonthly?: string;
  readonly keepYearly?: string;
  readonly keepWithin?: string;
  readonly olderThan?: string;
}

export const RETENTION_OPTIONS = () => [
  flag("--keep-latest", "keep the newest snapshot"),
  flag("--keep-last <n>", "keep the newest n snapshots"),
  flag("--keep-hourly <n>", "keep the newest of each of the newest n hours that have one"),
  flag("--keep-daily <n>", "the same with days"),
  flag("--keep-weekly <n>", "the same with weeks"),
  flag("--keep-monthly <n>", "the same with months"),
  flag("--keep-yearly <n>", "the same with years"),
  flag("--keep-within <duration>", "keep all that are not older than this before the newest"),
  flag("--older-than <duration>", "remove only what is older than this now: 12h, 30d, 1y"),
];

/** The policy in the flags; `undefined` where they say nothing. Throws `UsageError`. */
export function parseRetention(flags: RetentionFlags): Retention | undefined {
  const last = count(flags.keepLast, "--keep-last");
  const policy = {
    keepLast: flags.keepLatest ? Math.max(1, last ?? 0) : last,
    keepHourly: count(flags.keepHourly, "--keep-hourly"),
    keepDaily: count(flags.keepDaily, "--keep-daily"),
    keepWeekly: count(flags.keepWeekly, "--keep-weekly"),
    keepMonthly: count(flags.keepMonthly, "--keep-monthly"),
    keepYearly: count(flags.keepYearly, "--keep-yearly"),
    keepWithinMs: span(flags.keepWithin, "--keep-within"),
    olderThanMs: span(flags.olderThan, "--older-than"),
  };
  return Object.values(policy).every((rule) => rule === undefined) ? undefined : policy;
}

function count(text: string | undefined, name: string): number | undefined {
  if (text === undefined || /^[1-9]\d{0,5}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`Cannot use ${name} ${JSON.stringify(text)}: allowed is a whole number from 1`);
}

function span(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError(
    `Cannot use ${name} ${JSON.stringify(text)}: allowed is a duration, as in 12h, 30d or 1y`,
  );
}
