import { atLeast } from "../base/at_least.ts";

/** How a person names a snapshot. `back`: so many before that one, of the same source set. */
export type SnapshotWord =
  & { readonly back: number }
  & (
    | { readonly kind: "latest" }
    | { readonly kind: "id"; readonly beginning: string }
    /** The last one that was begun before. */
    | { readonly kind: "before"; readonly time: Date }
  );

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const AGO_UNITS: Readonly<Record<string, number>> = {
  second: SECOND,
  minute: MINUTE,
  hour: HOUR,
  day: DAY,
  week: 7 * DAY,
};

/**
 * Reads `latest`, an id or the beginning of one, a time (`2026-11-20`, `2026-11-20 13:05`, `yesterday`, `3 days ago`), each also with
 * `~1` behind it. Times are in UTC unless they say otherwise; a date is its first instant. `undefined` for anything else.
 */
export function parseSnapshotWord(text: string, now: Date): SnapshotWord | undefined {
  const [, word, steps] = atLeast(2, /^(.*?)(?:~(\d{1,9})?)?$/s.exec(text.trim())!);
  const back = text.trim().endsWith("~") ? 1 : Number(steps ?? 0);
  if (word === "latest") return { kind: "latest", back };
  const time = parseTime(word, now);
  if (time !== undefined) return { kind: "before", time, back };
  return /^\d{1,8}(T\d{0,6})?(Z(-[a-z2-7]{0,8})?)?$/.test(word)
    ? { kind: "id", beginning: word, back }
    : undefined;
}

/** The instant that `text` names; `undefined` where it names none. */
export function parseTime(text: string, now: Date): Date | undefined {
  if (text === "now") return now;
  if (text === "today") return startOfDay(now.getTime());
  if (text === "yesterday") return startOfDay(now.getTime() - DAY);
  return parseAgo(text, now) ?? parseDate(text);
}

function parseAgo(text: string, now: Date): Date | undefined {
  const [, amount, unit] = /^(\d{1,6}) ?(second|minute|hour|day|week|month|year)s? ago$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const count = Number(amount);
  const time = unit in AGO_UNITS
    ? new Date(now.getTime() - count * AGO_UNITS[unit]!)
    : monthsBefore(now, unit === "year" ? 12 * count : count);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function monthsBefore(now: Date, months: number): Date {
  const time = new Date(now);
  time.setUTCMonth(time.getUTCMonth() - months);
  // No 31st there: the last day of that month.
  if (time.getUTCDate() !== now.getUTCDate()) time.setUTCDate(0);
  return time;
}

const DATE = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?) ?(Z|[+-]\d\d:?\d\d)?)?$/;

function parseDate(text: string): Date | undefined {
  const [, date, clock = "00:00", zone = "Z"] = DATE.exec(text) ?? [];
  if (date === undefined) return undefined;
  const day = new Date(`${date}T00:00Z`);
  const time = new Date(`${date}T${clock}${zone}`);
  if (Number.isNaN(time.getTime()) || Number.isNaN(day.getTime())) return undefined;
  // V8 takes February 30 for March 2.
  return day.toISOString().startsWith(date) ? time : undefined;
}

function startOfDay(ms: number): Date {
  return new Date(Math.floor(ms / DAY) * DAY);
}
