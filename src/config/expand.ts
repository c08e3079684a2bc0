import { type Document, isScalar, Scalar, visit } from "yaml";
import type { Refuse } from "./refusal.ts";
import type { SecretReader } from "./s3_keys.ts";

/** Where the values come from that a file only names. */
export interface Expansion {
  /** An environment variable; empty counts as absent. */
  readonly environment: (name: string) => string | undefined;
  /** For `file:` values; without it they stay as they are. */
  readonly readSecret?: SecretReader;
  /** Whether the key at this path is a secret, which may be in a file of its own. */
  readonly isSecret: (path: readonly string[]) => boolean;
}

/** Below these, values are for a shell, which has variables of its own. */
const SHELL_KEYS = ["hooks", "command", "verify"];
/** Patterns begin with ~ for other reasons. */
const PATTERN_KEYS = ["exclude"];

/**
 * Puts in the place of `${VAR}`, `${VAR:-default}` and a leading `~` what they stand for, and the contents of a file in the place of
 * `file:/PATH` where a secret is. `$${` is `${`. Gives the keys of secrets that are in the document itself. Throws by `refuse`.
 */
export function expand(document: Document, expansion: Expansion, refuse: Refuse): string[] {
  const secrets: string[] = [];
  visit(document, {
    Scalar(key, scalar, ancestors) {
      if (key === "key" || typeof scalar.value !== "string") return;
      const path = keysOf(ancestors);
      if (path.some((name) => SHELL_KEYS.includes(name))) return;
      const isSecret = expansion.isSecret(path);
      const whole = wholeOf(scalar.value, path, isSecret, expansion, refuse);
      if (isSecret && whole === scalar.value) secrets.push(path.join("."));
      if (whole === scalar.value) return;
      scalar.value = scalar.type === Scalar.PLAIN && !isSecret ? plain(whole) : whole;
    },
  });
  return secrets;
}

function wholeOf(
  text: string,
  path: readonly string[],
  isSecret: boolean,
  { environment, readSecret }: Expansion,
  refuse: Refuse,
): string {
  const key = path.join(".");
  const filled = withVariables(text, key, environment, refuse);
  if (path.some((name) => PATTERN_KEYS.includes(name))) return filled;
  const placed = withHome(filled, key, environment, refuse);
  return isSecret ? contentsOf(placed, key, readSecret, refuse) : placed;
}

/** The keys on the way to a value. */
function keysOf(ancestors: readonly unknown[]): string[] {
  return ancestors.flatMap((node) => {
    const { key } = node as { key?: unknown };
    return isScalar(key) ? [String(key.value)] : [];
  });
}

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;

function withVariables(
  text: string,
  key: string,
  environment: Expansion["environment"],
  refuse: Refuse,
): string {
  return text.replace(VARIABLE, (found, name, fallback) => {
    if (found === "$${") return "${";
    if (name === undefined) {
      throw refuse(
        `${key} has a \${ that is no variable; allowed is \${NAME}, and $\${ for the two signs themselves`,
      );
    }
    const value = environment(name) ?? fallback;
    if (value !== undefined) return value;
    throw refuse(
      `${key} needs the environment variable ${name}, which is not set; set it, or write \${${name}:-default}`,
    );
  });
}

function withHome(
  text: string,
  key: string,
  environment: Expansion["environment"],
  refuse: Refuse,
): string {
  const match = /^(file:\/\/)?~(\/|$)/.exec(text);
  if (match === null) return text;
  const home = environment("HOME");
  if (home === undefined) {
    throw refuse(`${key} begins with ~, but the environment has no HOME; write the whole path`);
  }
  return `${match[1] ?? ""}${home.replace(/\/+$/, "")}${match[2]}${text.slice(match[0].length)}`;
}

function contentsOf(text: string, key: string, read: SecretReader | undefined, refuse: Refuse): string {
  const path = /^file:(\/[^/].*)$/.exec(text)?.[1];
  if (path === undefined || read === undefined) return text;
  try {
    const contents = read(path).trim();
    if (contents !== "") return contents;
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`${key} is in the file "${path}", which cannot be read: ${state}`, { cause });
  }
  throw refuse(`${key} is in the file "${path}", which is empty; needed is the secret, on a line`);
}

/** What is written without quotes is read again, so that a variable may hold a number. */
function plain(text: string): string | number | boolean {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text;
}
