import ignore from "ignore";
import { isWithin, normalizePath, type Path, pathOf, textOf, TYPED_BYTE, typedPath } from "../model/path.ts";

/** Whether an entry is left out; for a directory with all below it. */
export type IsExcluded = (path: Path, isDirectory: boolean) => boolean;

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
  const matchers = [matchLiterals(literals), matchNames(ofNames), matchPaths(others)]
    .filter((matcher) => matcher !== undefined);
  return (path, isDirectory) => path !== "/" && matchers.some((matches) => matches(path, isDirectory));
}

const HAS_TYPED_BYTE = new RegExp(TYPED_BYTE, "i");
const BACKSLASH = /\\x5c/gi;

/** The pattern with the bytes that stand in it as `\xNN`, as paths are when they are matched. */
function withBytes(pattern: string): string {
  if (!HAS_TYPED_BYTE.test(pattern)) return pattern;
  const path = typedPath(pattern.replace(BACKSLASH, "\\x5c\\x5c"));
  return textOf(path) ?? path;
}

function matchLiterals(patterns: readonly string[]): IsExcluded | undefined {
  if (patterns.length === 0) return undefined;
  const literals = patterns.map((pattern) => ({
    path: normalizePath(pathOf(pattern)),
    isOnlyDirectory: pattern.endsWith("/"),
  }));
  return (path, isDirectory) =>
    literals.some((literal) =>
      isWithin(path, literal.path) && (path !== literal.path || isDirectory || !literal.isOnlyDirectory)
    );
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
