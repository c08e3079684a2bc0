/** Advice where a number is in the place of a text. */
export function quotesFor(value: unknown, key: PropertyKey | undefined): string {
  if (typeof value !== "number" || typeof key !== "string") return "";
  return `, here in quotes: ${shownKey(key)}: "${value}"`;
}

/** `snapshots.home.paths[1]`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => typeof part === "number" ? `[${part}]` : `.${shownKey(String(part))}`).join("")
    .slice(1);
}

/** A key that is more than words may have swallowed its value, which may be a secret. */
function shownKey(key: string): string {
  const [words] = /^[\w. -]{0,64}/.exec(key)!;
  return words === key && key !== "" ? key : `"${words}…"`;
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

/** For a value in the place of keys: it may be a secret whose key was forgotten. */
export function kindOfValue(value: unknown): string {
  if (typeof value === "string") return "a text";
  return value === undefined || typeof value === "object" ? shown(value) : `a ${typeof value}`;
}
