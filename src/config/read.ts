import { basename, dirname, resolve } from "node:path/posix";
import { type Document, LineCounter, parseDocument } from "yaml";
import { UsageError } from "../base/errors.ts";
import { expand, type Expansion } from "./expand.ts";
import { merge, originOf } from "./merge.ts";
import { refuser } from "./refusal.ts";

/** What a configuration file and those that it includes say together. */
export interface Read {
  /** Not checked yet. */
  readonly value: unknown;
  /** All files, the one that was asked for last. */
  readonly files: readonly string[];
  /** The file that says what is at a path of keys; the one that was asked for where none does. */
  readonly sourceOf: (path: string) => string;
  /** The files that hold secrets themselves, by the keys of these. */
  readonly secretsIn: ReadonlyMap<string, string>;
}

/**
 * Reads `path` and what it includes. Included files are read before what includes them, in the order in which they are named; a later
 * file's keys take the place of an earlier one's: maps key by key, lists as a whole. `text` is taken for what is at `path`. Throws
 * `UsageError`.
 */
export async function readConfiguration(path: string, expansion: Expansion, text?: string): Promise<Read> {
  const origins = new Map<string, string>();
  const secretsIn = new Map<string, string>();
  const files: string[] = [];
  let value: unknown;
  const add = async (file: string, above: readonly string[]): Promise<void> => {
    const contents = file === path && text !== undefined ? text : await readText(file, above.at(-1));
    const { include, own, secrets } = parseOne(contents, file, expansion);
    const real = await Deno.realPath(file);
    if (above.includes(real)) throw refuser(file)("it includes itself, be it by way of other files");
    for (const pattern of include) {
      for (const other of await filesOf(pattern, file)) await add(other, [...above, real]);
    }
    files.push(file);
    for (const key of secrets) secretsIn.set(key, file);
    value = merge(value, own, file, origins);
  };
  await add(path, []);
  return { value, files, secretsIn, sourceOf: (key) => originOf(key, origins) ?? path };
}

interface ReadFile {
  readonly include: readonly string[];
  /** All else. */
  readonly own: unknown;
  /** Keys of secrets that are in this file. */
  readonly secrets: readonly string[];
}

function parseOne(text: string, file: string, expansion: Expansion): ReadFile {
  const document = parseYamlDocument(text, file);
  const secrets = expand(document, expansion, refuser(file));
  const value = toValue(document, file);
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "include")) {
    return { include: [], own: value, secrets };
  }
  const { include, ...own } = value as Record<string, unknown>;
  const list = typeof include === "string" ? [include] : include ?? [];
  if (Array.isArray(list) && list.every((item) => typeof item === "string" && item !== "")) {
    return { include: list, own, secrets };
  }
  throw refuser(file)("include is something else; allowed is the path of a file, or a list of them");
}

/** Of a pattern the files that there are, by name; of a name that file. */
async function filesOf(pattern: string, from: string): Promise<string[]> {
  const path = resolve(dirname(resolve(from)), pattern);
  const name = basename(path);
  if (!name.includes("*")) return [path];
  const like = new RegExp(`^${name.split("*").map((part) => RegExp.escape(part)).join(".*")}$`);
  const found: string[] = [];
  try {
    for await (const entry of Deno.readDir(dirname(path))) {
      if (like.test(entry.name) && !entry.name.startsWith(".")) found.push(`${dirname(path)}/${entry.name}`);
    }
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw refuser(from)(`include names ${JSON.stringify(pattern)}, which cannot be read`, { cause });
  }
  return found.sort();
}

/** The text of a configuration file, which `by` includes. Throws `UsageError`. */
export async function readText(path: string, by?: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      const advice = by === undefined ? `make it with vaultik --config ${path} init` : `${by} includes it`;
      throw new UsageError(`Cannot read configuration ${path}: there is no such file; ${advice}`, { cause });
    }
    const state = cause instanceof Deno.errors.PermissionDenied ? "no right to read it" : messageOf(cause);
    throw new UsageError(`Cannot read configuration ${path}: ${state}`, { cause });
  }
}

/** The value that `text` holds. The message of a refusal gives the place and the kind of fault, never a piece of the text. */
export function parseYaml(text: string, source: string): unknown {
  return toValue(parseYamlDocument(text, source), source);
}

/** As {@link parseYaml}, with comments and places. */
export function parseYamlDocument(text: string, source: string): Document {
  const lines = new LineCounter();
  const document = documentIn(text, lines, source);
  const fault = document.errors.at(0) ?? document.warnings.at(0);
  if (fault === undefined) return document;
  const { line, col } = lines.linePos(fault.pos[0]);
  const kind = fault.code.toLowerCase().replaceAll("_", " ");
  throw refuser(source)(`line ${line}, column ${col} is not YAML (${kind})`);
}

/** The parser calls itself, for long lists too. */
function documentIn(text: string, lineCounter: LineCounter, source: string): Document.Parsed {
  try {
    // Its warnings would go to the terminal by themselves, with pieces of the text.
    return parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refuser(source)("it is too long, or nested too deep", { cause });
  }
}

function toValue(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw refuser(source)("an alias (*name) in it leads nowhere", { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
