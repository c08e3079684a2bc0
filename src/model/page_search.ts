import { plainPathAt, type SearchedText } from "./page_line.ts";
import { textOf } from "./path.ts";
import { passes, type PathTest } from "./path_pattern.ts";

/** Lines that were found in a page, and its first one. */
export interface FoundLines {
  readonly head: string;
  readonly lines: readonly string[];
}

/**
 * The lines of a page whose paths pass `test`, and those whose paths show only when they are decoded; the others cost next to nothing.
 * Nothing is parsed.
 */
export function findLines(text: SearchedText, test: PathTest): FoundLines {
  // Of a part of a character there is no text to look for.
  const literal = textOf(test.literal) ?? "";
  const start = text.indexOf("\n") + 1;
  const lines: string[] = [];
  for (
    const [from, end] of linesWith(literal === "" ? ["\n"] : [literal, ...HIDING], text, start)
  ) {
    const path = plainPathAt(text, from);
    if (path === undefined || passes(test, path)) lines.push(text.slice(from, end));
  }
  return { head: text.slice(0, start), lines };
}

/** What is in every line of which the path is not written as it is. Begins with what is rare in pages: that is found ten times as fast. */
const HIDING = ["\\", "path_base64"];

/** Where the lines begin and end that have any of `needles`, from `start` on, in order. */
function* linesWith(
  needles: readonly string[],
  text: SearchedText,
  start: number,
): Generator<[from: number, end: number]> {
  const next = needles.map((needle) => positionOf(needle, text, start));
  for (;;) {
    const hit = next.reduce((first, at) => Math.min(first, at));
    const end = text.indexOf("\n", hit);
    if (end < 0) return;
    yield [text.lastIndexOf("\n", hit - 1) + 1, end];
    for (const [i, needle] of needles.entries()) {
      if (next[i]! <= end) next[i] = positionOf(needle, text, end + 1);
    }
  }
}

/** Of the first `needle` from `start` on; `Infinity` where there is none. */
function positionOf(needle: string, text: SearchedText, start: number): number {
  const at = text.indexOf(needle, start);
  return at < 0 ? Infinity : at;
}
