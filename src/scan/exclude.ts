import ignore from "ignore";
import { normalizePath, parentOf, type Path, pathOf, textOf, TYPED_BYTE, typedPath } from "../model/path.ts";

/** Whether an entry is left out; for a directory with all below it. */
export interface IsExcluded {
  (path: Path, isDirectory: boolean): boolean;
  /** False where no entry of `directory` is left out: whoever knows that need not ask for each. Absent: unknown. */
  readonly mayBeIn?: (directory: Path) => boolean;
}

/** The library remembers every path it was asked about; a fresh matcher after so many bounds its memory. */
const QUESTIONS_PER_MATCHER = 50_000;

/** `/var/cache`, `/srv/x/`: an absolute path without anything special in it. */
const LITERAL = /^\/[^*?[\]\\!#\s]+$/;
/** `*.log`, `node_modules/`: matches the last part of a path. */
const OF_NAME = /^[^/]+\/?$/;

/**
 * Compiles gitignore patterns, with `/` of the file system as their root: `*.log`, `node_modules/`, `/srv/cache`,
 * `!keep.log`; `\xNN` is a byte. A path that is not UTF-8 is matched with its bytes read as Latin-1. A walk asks for a directory before what is
 * below it, and not at all for what is below an excluded one.
 */
export function compileExcludes(typed: readonly string[]): IsExcluded {
  // With a negation the order of patterns matters, so they stay together.
  const isSimple = !typed.some((pattern) => pattern.startsWith("!"));
  const literals = isSimple ? typed.filter((pattern) => LITERAL.test(pattern)) : [];
  const patterns = typed.filter((pattern) => !literals.includes(pattern)).map(withBytes);
  const ofNames = isSimple ? patterns.filter((pattern) => OF_NAME.test(pattern)) : [];
  const others = patterns.filter((pattern) => !ofNames.includes(pattern));
  const ofLiterals = matchLiterals(literals);
  const matchers = [ofLiterals, matchNames(ofNames), matchPaths(others)]
    .filter((matcher) => matcher !== undefined);
  const isExcluded: IsExcluded = (path, isDirectory) =>
    path !== "/" && matchers.some((matches) => matches(path, isDirectory));
  if (patterns.length > 0) return isExcluded;
  const parents = new Set(literals.map((literal) => parentOf(pathOfLiteral(literal))));
  const mayBeIn = (directory: Path) => parents.has(directory) || ofLiterals?.(directory, true) === true;
  return Object.assign(isExcluded, { mayBeIn });
}

const HAS_TYPED_BYTE = new RegExp(TYPED_BYTE, "i");
const BACKSLASH = /\\x5c/gi;

/** The pattern with the bytes that stand in it as `\xNN`, as paths are when they are matched. */
function withBytes(pattern: string): string {
  if (!HAS_TYPED_BYTE.test(pattern)) return pattern;
  const path = typedPath(pattern.replace(BACKSLASH, "\\x5c\\x5c"));
  return textOf(path) ?? path;
}

const SLASH = 0x2f;

function pathOfLiteral(pattern: string): Path {
  return normalizePath(pathOf(pattern));
}

/** By the lengths of the literals, as the index's own files alone are more than ten: a path is compared with those only that may fit. */
function matchLiterals(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  /** Whether only a directory of that name is meant. */
  const literals = new Map<Path, boolean>();
  for (const pattern of patterns) {
    const path = pathOfLiteral(pattern);
    const key = path === "/" ? "" : path;
    literals.set(key, (literals.get(key) ?? true) && pattern.endsWith("/"));
  }
  const lengths = [...new Set([...literals.keys()].map((path) => path.length))];
  return (path, isDirectory) => {
    for (const length of lengths) {
      if (path.length === length) {
        if (literals.has(path) && (isDirectory || !literals.get(path))) return true;
      } else if (path.charCodeAt(length) === SLASH && literals.has(path.slice(0, length))) return true;
    }
    return false;
  };
}

function matchNames(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  const matches = matcherOf(patterns);
  return (path, isDirectory) => matches(path.slice(path.lastIndexOf("/") + 1), isDirectory);
}

function matchPaths(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  const matches = matcherOf(patterns);
  return (path, isDirectory) => matches(path.slice(1), isDirectory);
}

// `dir/**/` is about directories below `dir`, as git has it; the library takes it for all below `dir`.
function belowAnyDirectory(pattern: string): string {
  return pattern.endsWith("/**/") ? pattern + "*/" : pattern;
}

function matcherOf(patterns: readonly string[]): (relative: Path, isDirectory: boolean) => boolean {
  const compile = () => ignore({ ignorecase: false }).add(patterns.map(belowAnyDirectory));
  let matcher = compile();
  let questions = 0;
  return (relative, isDirectory) => {
    if (++questions > QUESTIONS_PER_MATCHER) {
      matcher = compile();
      questions = 0;
    }
    const text = textOf(relative) ?? relative;
    return matcher.ignores(isDirectory ? text + "/" : text);
  };
}
