import { view } from "../base/bytes.ts";
import { CorruptionError } from "../base/errors.ts";
import type { IdSet } from "../base/id_set.ts";

// A manifest is little besides its two long lists. Prune reads thousands of them and wants only the ids, so it does without
// a JavaScript value for each.

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const ID_DIGITS = 64;

/** The sets that the ids of a manifest go to. */
export interface NamedSets {
  readonly pages: IdSet;
  readonly blobs: IdSet;
}

/**
 * Adds every id in the lists `pages` and `blobs` of a manifest's JSON text to `named`, and returns the text with both lists empty.
 * Throws `CorruptionError` where they are not written as a manifest's are.
 */
export function takeObjects(text: Uint8Array, named: NamedSets): string {
  const bytes = view(text);
  let rest = "";
  let from = 0;
  for (const list of ["pages", "blobs"] as const) {
    // Quotes within texts are escaped, so only a member's name looks like this; both come before anything nested that has it.
    const start = bytes.indexOf(`,"${list}":[`, from);
    if (start < 0) throw new CorruptionError(`it has no list of ${list}`);
    const begin = start + list.length + 5;
    rest += bytes.toString("utf8", from, begin);
    from = takeList(text, begin, named[list]);
  }
  return rest + bytes.toString("utf8", from);
}

/** Adds the ids of `["…",size],["…",size]]` from `at` on; the place of the last bracket. */
function takeList(text: Uint8Array, at: number, ids: IdSet): number {
  while (text[at] === OPEN && text[at + 1] === QUOTE) {
    const isId = ids.addHex(text, at + 2) >= 0;
    at += 2 + ID_DIGITS;
    if (!isId || text[at] !== QUOTE || text[at + 1] !== COMMA) break;
    at += 2;
    while (isDigit(text[at])) at++;
    if (text[at] !== CLOSE) break;
    if (text[at + 1] === CLOSE) return at + 1;
    if (text[at + 1] !== COMMA) break;
    at += 2;
  }
  if (text[at] === CLOSE) return at;
  throw new CorruptionError("one of its lists is malformed");
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
