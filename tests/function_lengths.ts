export interface FunctionLength {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly lines: number;
}

const MODIFIERS = String
  .raw`(?:(?:export|default|async|static|override|private|protected|readonly|get|set) )*`;
const HEADS = [
  /=> \{$/,
  new RegExp(String.raw`^${MODIFIERS}function\b.*\{$`),
  new RegExp(
    String.raw`^${MODIFIERS}\*?(?!if\b|for\b|while\b|switch\b|catch\b|with\b)[\w#[\].]+(?:<.*>)?\(.*\{$`,
  ),
];

const indentOf = (line: string) => line.length - line.trimStart().length;

/** The functions of a text as `deno fmt` writes it: there, what begins with `{` ends with the next `}` as far to the left. */
export function functionLengths(text: string): FunctionLength[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const first = beginOf(lines, i);
    if (first === undefined) return [];
    const length = lines.slice(i + 1).findIndex((other) =>
      indentOf(other) === indentOf(line) && other.trim().startsWith("}")
    );
    return length < 0 ? [] : [{ line: first + 1, lines: i + length + 2 - first }];
  });
}

/** Where the function begins of which line `i` ends the head; `undefined` where there is none. */
function beginOf(lines: readonly string[], i: number): number | undefined {
  const line = lines[i]!.trim();
  if (HEADS.some((head) => head.test(line))) return i;
  if (!/^\).*\{$/.test(line)) return undefined;
  let first = i - 1;
  while (first >= 0 && (lines[first]!.trim() === "" || indentOf(lines[first]!) !== indentOf(lines[i]!))) {
    first--;
  }
  const isHead = first >= 0 && /\($|\(\{$/.test(lines[first]!) &&
    !/^\s*(if|for|while|switch|\})\b/.test(lines[first]!);
  return isHead ? first : undefined;
}
