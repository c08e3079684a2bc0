import { type Path, pathOf, TYPED_BYTE, typedByte } from "./path.ts";

/** Says whether an entry at `path` is meant. */
export type MatchesPath = (path: Path) => boolean;

/** A pattern that was read. */
export interface PathPattern {
  readonly matches: MatchesPath;
  /** Everything that matches is at or below this. */
  readonly within: Path;
}

/**
 * Reads a pattern: without `/` one of the last name of a path, else one of the whole path. `*` and `?` stand for bytes of one name
 * (`?` for one character), `[a-z]` for one of those, `**` for any number of names; `\` takes the next character as it is, `\xNN` is a byte.
 */
export function parsePathPattern(text: string): PathPattern {
  const isPath = text.includes("/");
  const glob = isPath && !text.startsWith("/") ? `/**/${text}` : text;
  const expression = new RegExp(`^${expressionOf(pathOf(glob))}$`, "s");
  if (!isPath) {
    return { matches: (path) => expression.test(path.slice(path.lastIndexOf("/") + 1)), within: "/" };
  }
  const literal = /^[^*?[\\]*/.exec(glob)![0];
  const within = literal === glob ? pathOf(glob) : pathOf(literal.slice(0, literal.lastIndexOf("/")));
  return { matches: (path) => expression.test(path), within: within === "" ? "/" : within };
}

/** One character in UTF-8, or a byte that is none. */
const CHARACTER = "(?:[\\xc2-\\xf4][\\x80-\\xbf]{1,3}|[^/])";

const PARTS = new RegExp(String.raw`/\*\*/|/\*\*$|\*+|\?|${TYPED_BYTE}|\\.|\[[!^]?\]?[^\]/]*\]|[^]`, "gis");

function expressionOf(glob: string): string {
  return glob.replace(PARTS, (part) => {
    if (part === "/**/") return "/(?:.*/)?";
    if (part === "/**") return "/.*";
    if (part.startsWith("*")) return "[^/]*";
    if (part === "?") return CHARACTER;
    if (part.length > 1 && part.startsWith("[")) return setOf(part.slice(1, -1));
    if (part.length === 4) return escaped(typedByte(part));
    return escaped(part.length > 1 && part.startsWith("\\") ? part.slice(1) : part);
  });
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
