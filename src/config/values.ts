import * as v from "valibot";
import { formatDuration, formatSize, parseDuration, parsePercent, parseSize } from "../base/units.ts";
import { normalizePath } from "../model/path.ts";
import { allowed } from "./refusal.ts";
import { Secret } from "./secret.ts";

// The kinds of values that keys have. Each says in its message what it takes.

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const YEAR = 365 * DAY;
export const KIB = 2 ** 10;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

export function text(words = "text") {
  const message = `${allowed(words)}{quotes}`;
  return v.pipe(v.string(message), v.check((value) => value.trim() !== "", message));
}

export function matching(pattern: RegExp, words: string, numberWords = words) {
  return v.pipe(text(numberWords), v.regex(pattern, allowed(words)));
}

export function choice<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, allowed(words.join(" or ")));
}

export const flag = () => v.boolean(allowed("true or false"));

export function integer({ min, max }: Bounds) {
  const message = allowed(`a whole number from ${min} to ${max}`);
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
}

export function number({ min, max }: Bounds) {
  const message = allowed(`a number from ${min} to ${max}`);
  return v.pipe(v.number(message), v.minValue(min, message), v.maxValue(max, message));
}

/** What `parse` makes of what the file has; it gives `undefined` for what is refused with `message`. */
export function parsed<Input, Output>(
  schema: v.GenericSchema<Input, Input>,
  parse: (value: Input) => Output | undefined,
  message: string,
) {
  return v.pipe(
    schema,
    v.rawTransform<Input, Output>(({ dataset, addIssue, NEVER }) => {
      const output = parse(dataset.value);
      if (output !== undefined) return output;
      addIssue({ message });
      return NEVER;
    }),
  );
}

/** A size in bytes, `10MB`, `64MiB` or a number. */
export function size({ min, max }: Bounds) {
  const message = allowed(`a size from ${formatSize(min)} to ${formatSize(max)}`);
  const within = (value: string | number) => {
    const bytes = parseSize(String(value));
    return bytes !== undefined && bytes >= min && bytes <= max ? bytes : undefined;
  };
  return parsed(v.union([v.string(), v.number()], message), within, message);
}

/** A duration in milliseconds, `90s`, `15m`, `1h30m`, `1d` or 0. */
export function duration({ min, max }: Bounds) {
  const from = min === 0 ? "0s" : formatDuration(min);
  const message = allowed(
    `a duration from ${from} to ${formatDuration(max)}, as in 90s, 15m, 1h30m or 1d`,
  );
  const within = (value: string | 0) => {
    const ms = value === 0 ? 0 : parseDuration(value);
    return ms !== undefined && ms >= min && ms <= max ? ms : undefined;
  };
  return parsed<string | 0, number>(v.union([v.string(), v.literal(0)], message), within, message);
}

/** A share as a fraction, of `30%`. */
export function share(lowest: "0%" | "1%") {
  const words = `a share from ${lowest} to 100%`;
  const none = lowest === "0%" ? 0 : undefined;
  const fraction = (value: string) => /^0+(\.0+)? ?%$/.test(value) ? none : parsePercent(value);
  return parsed(text(words), fraction, allowed(words));
}

/** Bytes a second, of `10MiB/s`; `Infinity` for `unlimited`. */
export function rate(slowest: number) {
  const words = `a rate from ${formatSize(slowest)}/s, as in 2MiB/s, or unlimited`;
  const bytes = (value: string) => {
    if (value === "unlimited") return Infinity;
    const bytes = parseSize(value.replace(/ ?\/ ?s(ec|econd)?$/i, ""));
    return bytes !== undefined && bytes >= slowest ? bytes : undefined;
  };
  return parsed(text(words), bytes, allowed(words));
}

export const TIME = 'a time of the day in quotes, as in "08:00"';

/** Minutes of the day, of `"08:00"`. */
export function timeOfDay() {
  return parsed(text(TIME), (value) => {
    const match = /^(\d{1,2}):([0-5]\d)$/.exec(value);
    const minutes = match === null ? NaN : Number(match[1]) * 60 + Number(match[2]);
    return minutes <= 24 * 60 ? minutes : undefined;
  }, allowed(TIME));
}

/** A list of `items`, each of which takes `words`. */
export function list<S extends v.BaseSchema<any, any, v.BaseIssue<unknown>>>(items: S, words: string) {
  return v.array(items, allowed(`a list of ${words}, each on a line of its own after "- "`));
}

/** An absolute path in normal form. */
export function absolutePath(words = "an absolute path") {
  return v.pipe(matching(/^\/[^\0]*$/, words), v.transform(normalizePath));
}

export function filePath(words: string) {
  return v.pipe(matching(/^\/[^\0]*[^/\0]$/, words), v.transform(normalizePath));
}

const NO_SECRET = "{key} is not text; put the value in quotes";

const SECRETS = new WeakSet<object>();

/** Whether a value of this kind is never shown. */
export function isSecretKind(schema: object): boolean {
  return SECRETS.has(schema);
}

function neverShown<S extends object>(schema: S): S {
  SECRETS.add(schema);
  return schema;
}

/** A text that is never shown. */
export function secret() {
  const toSecret = v.transform((value: string) => new Secret(value));
  return neverShown(v.pipe(v.string(NO_SECRET), v.minLength(1, NO_SECRET), toSecret));
}

const NO_ADDRESS = "{key} is no address; allowed is https://HOST/PATH";

/** An address that is never shown, as who knows it may write there. */
export function secretAddress() {
  return neverShown(v.pipe(
    v.string(NO_SECRET),
    v.regex(/^https?:\/\/[^/]/, NO_ADDRESS),
    v.check((value) => URL.canParse(value), NO_ADDRESS),
    v.transform((value) => new Secret(value)),
  ));
}
