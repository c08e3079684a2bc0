const SIZE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  t: 1e12,
  tb: 1e12,
  p: 1e15,
  pb: 1e15,
  ki: 2 ** 10,
  kib: 2 ** 10,
  mi: 2 ** 20,
  mib: 2 ** 20,
  gi: 2 ** 30,
  gib: 2 ** 30,
  ti: 2 ** 40,
  tib: 2 ** 40,
  pi: 2 ** 50,
  pib: 2 ** 50,
};

/**
 * Bytes of `10MB` (decimal), `64MiB` (binary), `1 GiB`, `1.5GiB` or plain `4096`, in any case of letters;
 * `undefined` when `text` is none.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim());
  if (match === null) return undefined;
  const unit = SIZE_UNITS[match[2]!.toLowerCase()]!;
  if (unit === undefined) return undefined;
  const exact = Number(match[1]) * unit;
  const bytes = unit === 1 ? exact : Math.round(exact);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The fraction of `5%` or `0.5 %`, more than 0 and at most 1; `undefined` when `text` is none. */
export function parsePercent(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text.trim());
  const fraction = Number(match?.[1]) / 100;
  return fraction > 0 && fraction <= 1 ? fraction : undefined;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
  y: 365 * DAY,
};

/**
 * Milliseconds of `90s`, `15m`, `1h30m`, `1h0m0s`, `1.5h`, `1d`, `2w`, `1y` (365 days).
 * `undefined` when `text` is not a duration; a number without a unit is none, except `0`.
 */
export function parseDuration(text: string): number | undefined {
  const words = text.trim();
  if (words === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdwy]) ?)+$/.test(words)) return undefined;
  let total = 0;
  for (const [, amount, unit] of words.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwy])/g)) {
    total += Number(amount) * DURATION_UNITS[unit!]!;
  }
  const rounded = Math.round(total);
  return Number.isSafeInteger(rounded) ? rounded : undefined;
}

const BINARY_NAMES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Three digits are enough for people: `512 B`, `1.5 KiB`, `64 MiB`. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (power < BINARY_NAMES.length - 1 && Number(threeDigits(value)) >= 1024) {
    value /= 1024;
    power++;
  }
  return `${threeDigits(value)} ${BINARY_NAMES[power]}`;
}

function threeDigits(value: number): string {
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = value.toFixed(decimals);
  return decimals === 0 ? text : text.replace(/\.?0+$/, "");
}

/** The two largest units: `350ms`, `12.3s`, `5m12s`, `24h` as `1d`, `1d2h`. What it prints, `parseDuration` reads. */
export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)}ms`;
  if (Math.round(ms / 100) * 100 < MINUTE) return `${threeDigits(Math.round(ms / 100) / 10)}s`;
  if (Math.round(ms / SECOND) * SECOND < HOUR) return twoUnits(ms, MINUTE, "m", SECOND, "s");
  if (Math.round(ms / MINUTE) * MINUTE < DAY) return twoUnits(ms, HOUR, "h", MINUTE, "m");
  return twoUnits(ms, DAY, "d", HOUR, "h");
}

function twoUnits(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.round(ms / small);
  const perLarge = large / small;
  const rest = smalls % perLarge;
  return `${Math.floor(smalls / perLarge)}${largeName}` + (rest === 0 ? "" : `${rest}${smallName}`);
}

/** `1,234,567`, the same in every locale. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}
