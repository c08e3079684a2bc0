import { UsageError } from "../base/errors.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "../base/units.ts";
import { maskIdentities } from "../seal/keys.ts";
import { Secret } from "./secret.ts";
import { suggestionFor } from "./suggestion.ts";

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/**
 * A map of the configuration that is read key by key. Whatever is refused throws a `UsageError` with the key's path, the value
 * (never that of a secret) and what is allowed. A key without a value counts as absent.
 */
export class Section {
  /** In the order of the file, also those without a value. */
  readonly keys: readonly string[];
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #source: string;

  /** `path` is empty at the top; `source` names the file in messages; keys not in `known` are refused. */
  constructor(
    value: unknown,
    at: { readonly path: string; readonly source: string },
    known?: readonly string[],
  ) {
    this.#path = at.path;
    this.#source = at.source;
    if (!isMap(value)) {
      const what = at.path === "" ? "the file" : at.path;
      // A value in the place of keys may be a secret whose key was forgotten.
      throw this.problem(`${what} is ${kindOf(value)}; allowed are keys with values, as in "key: value"`);
    }
    const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
    this.keys = Object.keys(value);
    this.#values = new Map(entries);
    if (known === undefined) return;
    for (const key of this.keys) if (!known.includes(key)) throw this.#unknown(key, known);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** Whether the value is exactly this one. */
  is(key: string, value: unknown): boolean {
    return this.#values.get(key) === value;
  }

  isText(key: string): boolean {
    return typeof this.#values.get(key) === "string";
  }

  text(key: string, allowed = "text"): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || (typeof value === "string" && value.trim() !== "")) return value;
    throw this.refusal(
      key,
      typeof value === "number" ? `${allowed}, here in quotes: ${key}: "${value}"` : allowed,
    );
  }

  secret(key: string): Secret | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value !== "") return new Secret(value);
    throw this.problem(`${this.pathOf(key)} is not text; put the value in quotes`);
  }

  choice<Word extends string>(key: string, allowed: readonly Word[]): Word | undefined {
    const value = this.#values.get(key);
    if (value === undefined || allowed.includes(value as Word)) return value as Word | undefined;
    throw this.refusal(key, allowed.join(" or "));
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#values.get(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.refusal(key, "true or false");
  }

  integer(key: string, fallback: number, { min, max }: Limits): number {
    const value = this.#values.get(key) ?? fallback;
    if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    throw this.refusal(key, `a whole number from ${min} to ${max}`);
  }

  number(key: string, { min, max }: Limits): number {
    const value = this.#values.get(key);
    if (typeof value === "number" && value >= min && value <= max) return value;
    throw this.refusal(key, `a number from ${min} to ${max}`);
  }

  size(key: string, fallback: number, { min, max }: Limits): number {
    const value = this.#values.get(key) ?? fallback;
    const bytes = typeof value === "number" || typeof value === "string"
      ? parseSize(String(value))
      : undefined;
    if (bytes !== undefined && bytes >= min && bytes <= max) return bytes;
    throw this.refusal(key, `a size from ${formatSize(min)} to ${formatSize(max)}`);
  }

  duration(key: string, fallback: string, { min, max }: Limits): number {
    const value = this.#values.get(key) ?? fallback;
    const ms = typeof value === "string" ? parseDuration(value) : value === 0 ? 0 : undefined;
    if (ms !== undefined && ms >= min && ms <= max) return ms;
    const from = min === 0 ? "0s" : formatDuration(min);
    throw this.refusal(key, `a duration from ${from} to ${formatDuration(max)}, as in 90s, 15m, 1h30m or 1d`);
  }

  /** The texts of a list; absent gives an empty one. */
  texts(key: string, allowed: string): string[] {
    const value = this.#values.get(key) ?? [];
    if (!Array.isArray(value)) {
      throw this.refusal(key, `a list of ${allowed}, each on a line of its own after "- "`);
    }
    for (const [position, item] of value.entries()) {
      if (typeof item === "string" && item.trim() !== "") continue;
      throw this.problem(`${this.pathOf(key)}[${position}] is ${shown(item)}; allowed is ${allowed}`);
    }
    return value;
  }

  section(key: string, known?: readonly string[]): Section {
    return new Section(this.#values.get(key) ?? {}, { path: this.pathOf(key), source: this.#source }, known);
  }

  /** The maps of a list; absent gives none. */
  sections(key: string, known: readonly string[]): Section[] {
    const value = this.#values.get(key) ?? [];
    if (!Array.isArray(value)) {
      throw this.refusal(key, 'a list of keys with values, each on a line of its own after "- "');
    }
    return value.map((item, position) => {
      return new Section(item, { path: `${this.pathOf(key)}[${position}]`, source: this.#source }, known);
    });
  }

  pathOf(key: string): string {
    return this.#path === "" ? key : `${this.#path}.${key}`;
  }

  refusal(key: string, allowed: string): UsageError {
    return this.problem(`${this.pathOf(key)} is ${shown(this.#values.get(key))}; allowed is ${allowed}`);
  }

  missing(key: string, wanted: string): UsageError {
    const state = this.#values.has(key) ? "is empty" : "is missing";
    return this.problem(`${this.pathOf(key)} ${state}; needed is ${wanted}`);
  }

  problem(text: string, options?: ErrorOptions): UsageError {
    return new UsageError(`Cannot use configuration ${this.#source}: ${maskIdentities(text)}`, options);
  }

  #unknown(key: string, known: readonly string[]): UsageError {
    const near = suggestionFor(key, known);
    const advice = near === undefined ? `allowed are ${known.join(", ")}` : `did you mean ${near}?`;
    return this.problem(`there is no key ${this.pathOf(shownKey(key))}; ${advice}`);
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function kindOf(value: unknown): string {
  if (typeof value === "string") return "a text";
  return typeof value === "object" ? shown(value) : `a ${typeof value}`;
}

/** A value for a message. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value);
  if (text.includes("PRIVATE KEY")) return "a secret key";
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function shownKey(key: string): string {
  return /^[\w.-]{1,64}$/.test(key) ? key : shown(key);
}
