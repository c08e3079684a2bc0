/** What of all that is below the paths of a source set is backed up, beside its excludes. */
export interface SelectionRules {
  /** Stay on the file system of each path. */
  readonly oneFileSystem: boolean;
  /** Leave out the contents of directories that hold a valid `CACHEDIR.TAG`. */
  readonly excludeCaches: boolean;
}

/** Every rule, with the name that the configuration and snapshots have for it. */
const NAMES: Readonly<Record<keyof SelectionRules, string>> = {
  oneFileSystem: "one_file_system",
  excludeCaches: "exclude_caches",
};
const RULES = Object.keys(NAMES) as (keyof SelectionRules)[];

/** The rules alone of what has more members. */
export function rulesOf(from: SelectionRules): SelectionRules {
  return Object.fromEntries(RULES.map((rule) => [rule, from[rule]])) as unknown as SelectionRules;
}

/** The rules in `record`, where a snapshot or the configuration has them by name; `fallback` is asked for those that it lacks. */
export function readRules(record: object, fallback: object = {}): SelectionRules {
  const valueIn = (some: object, rule: keyof SelectionRules) =>
    (some as Readonly<Record<string, unknown>>)[NAMES[rule]];
  return Object.fromEntries(
    RULES.map((rule) => [rule, (valueIn(record, rule) ?? valueIn(fallback, rule)) === true]),
  ) as unknown as SelectionRules;
}

/** The opposite of {@link readRules}. */
export function namedRules(rules: SelectionRules): Record<string, unknown> {
  return Object.fromEntries(RULES.map((rule) => [NAMES[rule], rules[rule]]));
}
