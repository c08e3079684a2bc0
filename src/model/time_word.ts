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
