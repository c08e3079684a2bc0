import { isCollection, isScalar, parseDocument, stringify } from "yaml";
import type { Refuse } from "./refusal.ts";

// Changes to the text of a configuration file, and what of it may be shown: pure.

/** `snapshots.home.paths` as a list of keys. */
export function keyPath(text: string): string[] {
  return text.split(".");
}

/**
 * `text` with the key at `path` set to `value`, or without it where `value` is `undefined`; comments and order stay. Throws by `refuse`
 * where there are no keys on the way.
 */
export function withKey(text: string, path: readonly string[], value: unknown, refuse: Refuse): string {
  const document = parseDocument(text);
  for (let depth = 1; depth < path.length; depth++) {
    const above = document.getIn(path.slice(0, depth), true);
    if (above === undefined || isCollection(above) || isScalar(above) && above.value === null) continue;
    throw refuse(
      `${path.slice(0, depth).join(".")} is a single value, so that it cannot have ${path.at(-1)}`,
    );
  }
  const old = document.getIn(path, true);
  if (value === undefined) document.deleteIn(path);
  else if (isScalar(old) && typeof value !== "object") old.value = value;
  else document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0, flowCollectionPadding: !/\{[^\s}]/.test(text) });
}

/** What `path` leads to in `value`. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let inner = value;
  for (const key of path) {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined;
    inner = (inner as Readonly<Record<string, unknown>>)[key];
  }
  return inner;
}

/** A value as YAML; a single one as it is. */
export function yamlText(value: unknown): string {
  if (typeof value === "string") return value;
  return stringify(value, { lineWidth: 0 }).trimEnd();
}
