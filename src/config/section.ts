import * as v from "valibot";
import { needed, NO_KEY, NO_MAP, unknownKey } from "./refusal.ts";

/** A schema of whatever kind. */
export type Schema<Output = unknown> = v.GenericSchema<unknown, Output>;
type AnySchema = v.BaseSchema<any, any, v.BaseIssue<unknown>>;

/** What is said of a key beside its schema. */
export interface About {
  /** For the reference and for editors. */
  readonly about: string;
  /** What to write where the key is missing; without it the key may be. */
  readonly needed?: string;
}

const ABOUT = new WeakMap<object, About>();

export function aboutOf(schema: object): About | undefined {
  return ABOUT.get(schema);
}

/** A key that may be left out, or be without a value; `fallback` is what the file would say. */
export function optional<S extends AnySchema>(
  about: string,
  schema: S,
): v.NullishSchema<S, () => undefined>;
export function optional<S extends AnySchema, const D extends v.InferInput<S>>(
  about: string,
  schema: S,
  fallback: D,
): v.NullishSchema<S, D>;
export function optional(about: string, schema: AnySchema, fallback?: unknown): AnySchema {
  return described(v.nullish(schema, (fallback ?? (() => undefined)) as never), { about });
}

/** A key that must be there; `words` say what to write. */
export function required<S extends AnySchema>(about: string, words: string, schema: S): S {
  return described({ ...schema }, { about, needed: words });
}

function described<S extends object>(schema: S, about: About): S {
  ABOUT.set(schema, about);
  return schema;
}

/** Keys with values, and no other keys. */
export function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries);
  return v.pipe(
    MAP,
    v.transform((value) => withoutEmpty(value, known)),
    v.strictObject(entries, (issue) => {
      const name = String(issue.path?.at(-1)?.key);
      if (issue.expected === "never") return unknownKey(name, known);
      return needed(aboutOf(entries[name]!)?.needed ?? "a value");
    }),
  );
}

/** Names that the user chooses, each with what `schema` takes. */
export function names<K extends v.GenericSchema<string, string>, S extends AnySchema>(
  name: K,
  schema: S,
) {
  return v.pipe(MAP, v.record(name, schema));
}

/** A key without a value counts as absent. */
function withoutEmpty(value: Record<string, unknown>, known: readonly string[]): Record<string, unknown> {
  const isPresent = ([key, inner]: [string, unknown]) =>
    !known.includes(key) || (inner !== null && inner !== undefined);
  return Object.fromEntries(Object.entries(value).filter(isPresent));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names that every object of the language has would be taken for known, or skipped. */
const MAP = v.pipe(
  v.custom<Record<string, unknown>>(isMap, NO_MAP),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const name = Object.keys(dataset.value).find((key) => key in Object.prototype);
    if (name !== undefined) addIssue({ message: `${NO_KEY} ${name} in {key}` });
  }),
);
