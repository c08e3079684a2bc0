import type { BaseIssue } from "valibot";
import { UsageError } from "../base/errors.ts";
import { maskIdentities } from "../seal/keys.ts";
import { suggestionFor } from "./suggestion.ts";

// Messages of the schema are templates: {key} is the path of the key, {value} what the file has there,
// {kind} what kind of value that is, {state} "is missing" or "is empty", {quotes} advice for a number in the place of a text.

/** Refuses a value. */
export function allowed(words: string): string {
  return `{key} is {value}; allowed is ${words}`;
}

/** Refuses that there is none. */
export function needed(words: string): string {
  return `{key} {state}; needed is ${words}`;
}

export const NO_MAP = '{key} is {kind}; allowed are keys with values, as in "key: value"';

export const NO_KEY = "there is no key";

/** Refuses the key `name`. */
export function unknownKey(name: string, known: readonly string[]): string {
  const near = suggestionFor(name, known);
  const advice = near === undefined ? `allowed are ${known.join(", ")}` : `did you mean ${near}?`;
  return `${NO_KEY} {key}; ${advice}`;
}

/** Makes the error that refuses a configuration. */
export type Refuse = (text: string, options?: ErrorOptions) => UsageError;

/** The name of a configuration file, or which of several says the key at a path. */
export type Source = string | ((path: string) => string);

/** For the configuration `source`; keys that got into a text are masked. */
export function refuser(source: Source): Refuse {
  const nameOf = (text: string) => typeof source === "string" ? source : source(keyIn(text));
  return (text, options) =>
    new UsageError(`Cannot use configuration ${nameOf(text)}: ${maskIdentities(text)}`, options);
}

/** Messages begin with the key that they are about. */
function keyIn(text: string): string {
  return text.replace(`${NO_KEY} `, "").split(/[ :;]/, 1)[0]!;
}

/** What is wrong, one line each: keys that are not known first, as they explain others. */
export function linesOf(issues: readonly BaseIssue<unknown>[]): string[] {
  const deepest = issues.flatMap((issue) => innermost(issue, []));
  const isUnknown = ({ issue }: Placed) => issue.message.startsWith(NO_KEY);
  return [...deepest.filter(isUnknown), ...deepest.filter((placed) => !isUnknown(placed))].map(lineOf);
}

interface Placed {
  readonly issue: BaseIssue<unknown>;
  readonly path: readonly PropertyKey[];
}

/** Of a value that may be one thing or another, the faults within the one that it nearly is. */
function innermost(issue: BaseIssue<unknown>, above: readonly PropertyKey[]): Placed[] {
  const path = [...above, ...(issue.path ?? []).map(({ key }) => key as PropertyKey)];
  const within = issue.type === "union" ? (issue.issues ?? []).filter(({ path }) => path !== undefined) : [];
  return within.length === 0 ? [{ issue, path }] : within.flatMap((inner) => innermost(inner, path));
}

function lineOf({ issue, path }: Placed): string {
  const parts: Record<string, () => string> = {
    key: () => path.length === 0 ? "the file" : pathText(path),
    value: () => shown(issue.input),
    kind: () => kindOf(issue.input),
    state: () => issue.input === undefined || issue.input === null ? "is missing" : "is empty",
    quotes: () => quotesFor(issue.input, path.at(-1)),
  };
  return issue.message.replace(/\{(key|value|kind|state|quotes)\}/g, (_, part) => parts[part]!());
}

function quotesFor(value: unknown, key: PropertyKey | undefined): string {
  if (typeof value !== "number" || typeof key !== "string") return "";
  return `, here in quotes: ${shownKey(key)}: "${value}"`;
}

/** `snapshots.home.paths[1]`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => typeof part === "number" ? `[${part}]` : `.${shownKey(String(part))}`).join("")
    .slice(1);
}

/** A key that is more than words may have swallowed its value, which may be a secret. */
function shownKey(key: string): string {
  const [words] = /^[\w. -]{0,64}/.exec(key)!;
  return words === key && key !== "" ? key : `"${words}…"`;
}

/** A value for a message. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value);
  if (text.includes("PRIVATE KEY")) return "a secret key";
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

/** For a value in the place of keys: it may be a secret whose key was forgotten. */
function kindOf(value: unknown): string {
  if (typeof value === "string") return "a text";
  return value === undefined || typeof value === "object" ? shown(value) : `a ${typeof value}`;
}
