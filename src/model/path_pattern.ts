import { type Path, pathOf, TYPED_BYTE, typedByte } from "./path.ts";

/** Which paths are meant, as data that a thread can be given. */
export interface PathTest {
  readonly expression: RegExp;
  /** Whether the expression is of the last name of a path, or of all of it. */
  readonly isOfName: boolean;
  /** Every path that is meant has these bytes in a row, which JSON writes as they are; may be empty. */
  readonly literal: Path;
  /** Where no other path passes. */
  readonly only?: Path;
}

/** A pattern that was read. */
export interface PathPattern {
  readonly test: PathTest;
  /** Everything that matches is at or below this. */
  readonly within: Path;
}

/** Whether `path` is meant. */
export function passes({ expression, isOfName }: PathTest, path: Path): boolean {
  return expression.test(isOfName ? path.slice(path.lastIndexOf("/") + 1) : path);
}

/** Only `path` is meant. */
export function onlyPath(path: Path): PathTest {
  const expression = new RegExp(`^${escaped(path)}$`, "s");
  return { expression, isOfName: false, literal: longestPlain([path]), only: path };
}

/** Names that have `text` as a part, in capitals or not. */
export function namePart(text: string): PathTest {
  const expression = new RegExp([text, pathOf(text)].map(escaped).join("|"), "i");
  return { expression, isOfName: true, literal: "" };
}

/**
 * Reads a pattern: without `/` one of the last name of a path, else one of the whole path. `*` and `?` stand for bytes of one name
 * (`?` for one character), `[a-z]` for one of those, `**` for any number of names; `\` takes the next character as it is, `\xNN` is a byte.
 */
export function parsePathPattern(text: string): PathPattern {
  const isPath = text.includes("/");
  const glob = isPath && !text.startsWith("/") ? `/**/${text}` : text;
  const test = {
    expression: new RegExp(`^${expressionOf(pathOf(glob))}$`, "s"),
    isOfName: !isPath,
    literal: longestPlain(pathOf(glob).split(PARTS)),
  };
  if (!isPath) return { test, within: "/" };
  const beginning = /^[^*?[\\]*/.exec(glob)![0];
  const within = beginning === glob ? pathOf(glob) : pathOf(beginning.slice(0, beginning.lastIndexOf("/")));
  return { test, within: within === "" ? "/" : within };
}

/** One character in UTF-8, or a byte that is none. */
const CHARACTER = "(?:[\\xc2-\\xf4][\\x80-\\xbf]{1,3}|[^/])";

/** What stands in a pattern for something else than itself. */
const PARTS = new RegExp(String.raw`/\*\*/|/\*\*$|\*+|\?|${TYPED_BYTE}|\\.|\[[!^]?\]?[^\]/]*\]`, "gis");

/** The longest run of bytes in `texts` that JSON writes as they are. */
function longestPlain(texts: readonly string[]): string {
  // deno-lint-ignore no-control-regex
  const runs = texts.flatMap((text) => text.split(/[\x00-\x1f"\\]+/));
  return runs.reduce((longest, run) => run.length > longest.length ? run : longest, "");
}

function expressionOf(glob: string): string {
  let expression = "";
  let done = 0;
  for (const { 0: part, index } of glob.matchAll(PARTS)) {
    expression += escaped(glob.slice(done, index)) + partOf(part);
    done = index + part.length;
  }
  return expression + escaped(glob.slice(done));
}

function partOf(part: string): string {
  if (part === "/**/") return "/(?:.*/)?";
  if (part === "/**") return "/.*";
  if (part.startsWith("*")) return "[^/]*";
  if (part === "?") return CHARACTER;
  if (part.startsWith("[")) return setOf(part.slice(1, -1));
  return escaped(part.length === 4 ? typedByte(part) : part.slice(1));
}

function setOf(inner: string): string {
  const isNegated = /^[!^]/.test(inner);
  const members = (isNegated ? inner.slice(1) : inner).replace(/[\\\]^[]/g, "\\$&");
  const set = isNegated ? `[^/${members}]` : `[${members}]`;
  try {
    new RegExp(set);
    return set;
  } catch {
    // "z-a" is no range.
    return escaped(`[${inner}]`);
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&");
}
