import { UsageError } from "../base/errors.ts";
import { maskIdentities } from "../seal/mask_identities.ts";
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
