import { view } from "../base/bytes.ts";

const NEWLINE = 10;

/** The text of a page as it is stored, of which pages with some of its entries can be cut without decoding them. */
export class PageText {
  readonly bytes: Uint8Array;
  /** Where each line begins, the head first, and where the last one ends. */
  readonly #starts: Uint32Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#starts = lineStarts(bytes);
  }

  /** A page with these entries only, by number, ascending. */
  cut(entries: readonly number[]): Uint8Array<ArrayBuffer> {
    const starts = this.#starts;
    const length = entries.reduce((sum, i) => sum + starts[i + 2]! - starts[i + 1]!, starts[1]!);
    const page = new Uint8Array(length);
    page.set(this.bytes.subarray(0, starts[1]));
    let at = starts[1]!;
    for (const i of entries) {
      page.set(this.bytes.subarray(starts[i + 1], starts[i + 2]), at);
      at += starts[i + 2]! - starts[i + 1]!;
    }
    return page;
  }
}

function lineStarts(bytes: Uint8Array): Uint32Array {
  const text = view(bytes);
  const starts = [0];
  for (let at = text.indexOf(NEWLINE); at >= 0; at = text.indexOf(NEWLINE, at + 1)) starts.push(at + 1);
  return Uint32Array.from(starts);
}
