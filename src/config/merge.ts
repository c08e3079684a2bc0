/** A value of a configuration file, as YAML gives it. */
export type Value = unknown;

/**
 * `later` over `earlier`: maps key by key, anything else as a whole. A key without a value says nothing. `origins` gets, by the path
 * of each key that `later` says, which file that is.
 */
export function merge(
  earlier: Value,
  later: Value,
  source: string,
  origins: Map<string, string>,
  path = "",
): Value {
  if (later === null || later === undefined) return earlier ?? later;
  if (!isMap(earlier) || !isMap(later)) {
    origins.set(path, source);
    if (!isMap(later)) return later;
  }
  const merged: Record<string, Value> = Object.create(null);
  if (isMap(earlier)) Object.assign(merged, earlier);
  for (const [key, value] of Object.entries(later)) {
    merged[key] = merge(merged[key], value, source, origins, path === "" ? key : `${path}.${key}`);
  }
  return merged;
}

/** The file that says the key at `path`, or what it is in. */
export function originOf(path: string, origins: ReadonlyMap<string, string>): string | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    const found = origins.get(path.slice(0, end).replace(/\[\d+\]$/, ""));
    if (found !== undefined) return found;
  }
  return undefined;
}

function isMap(value: Value): value is Readonly<Record<string, Value>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
