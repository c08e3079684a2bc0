import { NO_MAP } from "./refusal.ts";
import { suggestionFor } from "./suggestion.ts";
import { SCHEMA } from "./schema.ts";
import { isSecretKind } from "./values.ts";

/** The parts of valibot's schemas that lead to those within them. */
interface Part {
  /** Of what only checks or changes a value: not `schema`. */
  readonly kind: string;
  readonly type: string;
  /** What is said of other values. */
  readonly message?: unknown;
  readonly pipe?: readonly Part[];
  readonly wrapped?: Part;
  readonly options?: readonly Part[];
  readonly entries?: Readonly<Record<string, Part>>;
  readonly value?: Part;
  readonly default?: unknown;
}

const ROOT = SCHEMA as unknown as Part;

/** Whether the key at `path` takes a secret. */
export function isSecretKey(path: readonly string[]): boolean {
  return partsAt(path).some(isSecretKind);
}

/** Whether there is such a key. */
export function isKey(path: readonly string[]): boolean {
  return partsAt(path).length > 0;
}

/** Whether there is a key at `path` that a value may be given to which is no map. What is in lists counts as such. */
export function takesValue(path: readonly string[]): boolean {
  const isInList = path.some((_, at) => partsAt(path.slice(0, at)).some(({ type }) => type === "array"));
  return isInList || partsAt(path).some((part) => part.kind === "schema" && !isMap(part));
}

function isMap({ type, entries, message }: Part): boolean {
  return type === "record" || entries !== undefined || message === NO_MAP;
}

/** The key that `path` was most likely meant to be, where its last part is the one that is wrong. */
export function nearKey(path: readonly string[]): string | undefined {
  const above = path.slice(0, -1);
  const near = suggestionFor(
    path.at(-1) ?? "",
    partsAt(above).flatMap(({ entries }) => Object.keys(entries ?? {})),
  );
  return near === undefined ? undefined : [...above, near].join(".");
}

/** What the key at `path` is where the file does not say it; `undefined` where that depends. */
export function defaultOf(path: readonly string[]): unknown {
  const key = path.at(-1) ?? "";
  const found =
    partsAt(path.slice(0, -1)).flatMap(({ entries }) =>
      entries !== undefined && Object.hasOwn(entries, key) ? [entries[key]!.default] : []
    )[0];
  return typeof found === "function" ? undefined : found;
}

/** Every key, by its path; `*` stands for a name that the user chooses. */
export function keyPaths(parts = within(ROOT), path = ""): string[] {
  return parts.flatMap(({ entries, type, value }) => {
    const inner: [string, Part][] = type === "record" ? [["*", value!]] : Object.entries(entries ?? {});
    return inner.flatMap(([key, part]) => {
      const own = path === "" ? key : `${path}.${key}`;
      return [own, ...keyPaths(within(part), own)];
    });
  });
}

function partsAt(path: readonly string[]): Part[] {
  return path.reduce((parts, name) => parts.flatMap((part) => below(part, name)), within(ROOT));
}

function below({ type, entries, value }: Part, name: string): Part[] {
  if (type === "record") return within(value!);
  return entries !== undefined && Object.hasOwn(entries, name) ? within(entries[name]!) : [];
}

/** All that a value may be, without wrappings. */
function within(part: Part): Part[] {
  if (part.pipe !== undefined && !isSecretKind(part)) {
    return part.pipe.flatMap((step, at) => at === 0 && step.pipe === undefined ? [step] : within(step));
  }
  if (part.wrapped !== undefined) return within(part.wrapped);
  if (part.type === "union") return (part.options ?? []).flatMap(within);
  return [part];
}
