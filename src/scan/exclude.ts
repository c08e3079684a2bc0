import ignore from "ignore";
import { type Path, textOf } from "../model/path.ts";

/** Whether an entry is left out; for a directory with all below it. */
export type IsExcluded = (path: Path, isDirectory: boolean) => boolean;

/** The library remembers every path it was asked about; a fresh matcher after so many bounds its memory. */
const QUESTIONS_PER_MATCHER = 50_000;

/**
 * Compiles gitignore patterns, with `/` of the file system as their root: `*.log`, `node_modules/`, `/srv/cache`,
 * `!keep.log`. A path that is not UTF-8 is matched with its bytes read as Latin-1.
 */
export function compileExcludes(patterns: readonly string[]): IsExcluded {
  if (patterns.length === 0) return () => false;
  const compile = () => ignore({ allowRelativePaths: false, ignorecase: false }).add([...patterns]);
  let matcher = compile();
  let questions = 0;
  return (path, isDirectory) => {
    const relative = (textOf(path) ?? path).slice(1);
    if (relative === "") return false;
    if (++questions > QUESTIONS_PER_MATCHER) {
      matcher = compile();
      questions = 0;
    }
    return matcher.ignores(isDirectory ? relative + "/" : relative);
  };
}
