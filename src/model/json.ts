import * as v from "valibot";
import { CorruptionError, UsageError } from "../base/errors.ts";

// What is read from a store was written by anybody: nothing of it is used before its shape is checked.

const SHA256_DIGITS = 64;

/** Whether `value` is a lower-case hex SHA-256. A loop takes a third of the time of an expression, and there are very many. */
export function isSha256(value: unknown): value is string {
  if (typeof value !== "string" || value.length !== SHA256_DIGITS) return false;
  for (let i = 0; i < SHA256_DIGITS; i++) {
    const code = value.charCodeAt(i);
    if (code < 0x30 || code > 0x66 || code > 0x39 && code < 0x61) return false;
  }
  return true;
}

/** Whether `value` is a count of bytes or things that JSON can carry exactly; `-0`, which a reader can meet, is none. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** Schema of {@link isSha256}. */
export const Sha256 = v.custom<string>(isSha256);

/** Schema of {@link isCount}. */
export const Count = v.custom<number>(isCount);

/** Schema of the time of an event: RFC 3339 in UTC, with milliseconds at most. */
export const Time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/),
  v.check(isTime),
);

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text));
}

/**
 * The JSON object in `text`, whose member `marker` must be `version` and which must have the shape of `schema`. Throws
 * `CorruptionError`; `UsageError` where a newer program wrote it.
 */
export function parseVersioned<Schema extends v.GenericSchema>(
  text: string,
  marker: string,
  version: number,
  schema: Schema,
): v.InferOutput<Schema> {
  const json = parseJson(text);
  checkVersion(json, marker, version);
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  throw new CorruptionError(`Cannot read JSON: ${describe(result.issues[0])}`);
}

/**
 * Throws `UsageError` where the member `marker` of `json` is a version after `version`: a newer program wrote it; and `CorruptionError`
 * where it is anything else but `version`.
 */
export function checkVersion(json: unknown, marker: string, version: number): void {
  const found = (json as Record<string, unknown> | null)?.[marker];
  if (found === version) return;
  if (typeof found === "number" && Number.isSafeInteger(found) && found > version) {
    throw new UsageError(`Cannot read "${marker}" ${found}: a newer Vaultik made it; upgrade this one`);
  }
  throw new CorruptionError(`Cannot read JSON: "${marker}" is ${shown(found)}, not ${version}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CorruptionError("Cannot read JSON: it is malformed", { cause: error });
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  return `"${v.getDotPath(issue) ?? "it"}" is ${shown(issue.input)}`;
}

/** Bounded: it goes into a message. */
function shown(value: unknown): string {
  const text = typeof value === "object" && value !== null
    ? Array.isArray(value) ? "a list" : "an object"
    : JSON.stringify(value) ?? "missing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
