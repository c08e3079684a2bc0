import { CorruptionError } from "../base/errors.ts";
import type { Entry } from "./entry.ts";
import { fromLine, type Line } from "./entry_line.ts";
import { PAGE_ENTRIES_MAX } from "./page_cut.ts";
import { type PageHead, parseHead } from "./page_head.ts";

const decoder = new TextDecoder();
const NEWLINE = 10;
/** So much of a page becomes a string at a time: all of it would stay until a full garbage collection, and there are very many pages. */
const PIECE_BYTES = 32 * 1024;

/** The text of a page, whose entries are decoded one by one. */
export class PageText {
  readonly #bytes: Uint8Array;
  readonly #head: PageHead;
  /** Where the entries begin. */
  readonly #start: number;

  /** Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
  constructor(bytes: Uint8Array) {
    if (bytes.at(-1) !== NEWLINE) throw new CorruptionError("Cannot read page: its last line is cut off");
    this.#bytes = bytes;
    this.#start = bytes.indexOf(NEWLINE) + 1;
    this.#head = parseHead(decoder.decode(bytes.subarray(0, this.#start - 1)));
  }

  /**
   * All entries in their order, each decoded when it is taken. One that is malformed costs itself only: its error is in its place. Throws
   * `CorruptionError` where there are more than any page has.
   */
  *entries(): Generator<Entry | CorruptionError> {
    let count = 0;
    for (const piece of this.#pieces()) {
      for (let at = 0, end: number; at < piece.length; at = end + 1) {
        end = piece.indexOf("\n", at);
        if (++count > PAGE_ENTRIES_MAX) {
          throw new CorruptionError(`Cannot read page: it has more than ${PAGE_ENTRIES_MAX} entries`);
        }
        yield this.#decode(piece.slice(at, end));
      }
    }
  }

  /** Some whole lines each. */
  *#pieces(): Generator<string> {
    for (let at = this.#start, end: number; at < this.#bytes.length; at = end) {
      const most = Math.min(at + PIECE_BYTES, this.#bytes.length);
      end = this.#bytes.lastIndexOf(NEWLINE, most - 1) + 1;
      if (end <= at) end = this.#bytes.indexOf(NEWLINE, most) + 1;
      yield decoder.decode(this.#bytes.subarray(at, end));
    }
  }

  #decode(line: string): Entry | CorruptionError {
    try {
      return fromLine(JSON.parse(line) as Line, this.#head);
    } catch (error) {
      if (error instanceof CorruptionError) return error;
      return new CorruptionError("the entry is malformed", { cause: error });
    }
  }
}
