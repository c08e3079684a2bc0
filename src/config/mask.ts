import { maskIdentities } from "../seal/mask_identities.ts";
import { isSecretKey, takesValue } from "./key_paths.ts";

const MASK = "***";

/** What a file has at `path`, with `***` in the place of each secret, and of what no key is known for: one that is misspelled may be a secret's. */
export function masked(value: unknown, path: readonly string[] = []): unknown {
  if (value === null || value === undefined) return value;
  if (isSecretKey(path) || isVariable(path)) return MASK;
  if (Array.isArray(value)) return value.map((item) => masked(item, path));
  if (typeof value === "string") return takesValue(path) ? maskIdentities(value) : MASK;
  if (typeof value !== "object") return takesValue(path) ? value : MASK;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, masked(inner, [...path, key])]),
  );
}

/** Variables of programs, in which passwords are. */
function isVariable(path: readonly string[]): boolean {
  return path.at(-2) === "env";
}

/** A configuration with `***` in the place of the variables of its programs; other secrets of it never print. */
export function withoutVariables(value: unknown, path: readonly string[] = []): unknown {
  if (isVariable(path)) return MASK;
  if (Array.isArray(value)) return value.map((item) => withoutVariables(item, path));
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  const inner = Object.entries(value).map(([key, one]) => [key, withoutVariables(one, [...path, key])]);
  return Object.fromEntries(inner);
}
