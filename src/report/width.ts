/** What takes no column of its own: marks that stand on the letter before, and what is never seen. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide letters and pictures take two. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

/** Columns of a terminal that `text` takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** Rows that `text` takes where it is wrapped: a wide letter that does not fit goes to the next row whole. */
export function rowsOf(text: string, columns: number): number {
  let [rows, at] = [1, 0];
  for (const character of text) {
    const width = widthOf(character);
    if (at + width > columns) [rows, at] = [rows + 1, 0];
    at += width;
  }
  return rows;
}

/** `text` in at most `columns`, its middle left out: `/home/…/file.txt`. A name's end says most, so it gets the greater part. */
export function cutMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  const characters = Array.from(text);
  const forEnd = Math.ceil((columns - 1) * 2 / 3);
  const end = takeWhile(characters.toReversed(), forEnd).reverse().join("");
  const start = takeWhile(characters, columns - 1 - displayWidth(end)).join("");
  return `${start}…${end}`;
}

/** The first of `characters` that fit in `columns`. */
function takeWhile(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= widthOf(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

function widthOf(character: string): number {
  return ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
}
