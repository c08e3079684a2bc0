/**
 * `text` as one line that does nothing to a terminal: control characters, marks that turn the direction of writing and lone
 * surrogates become `\xNN` or `\u{NNNN}`.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cs}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu,
    escaped,
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
