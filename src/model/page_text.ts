import { CorruptionError } from "../base/errors.ts";
import type { Entry } from "./entry.ts";
import { fromLine, type Line } from "./entry_line.ts";
import { PAGE_ENTRIES_MAX } from "./page_cut.ts";
import { type PageHead, parseHead } from "./page_head.ts";

const decoder = new TextDecoder();

/** The text of a page, whose entries are decoded one by one. */
export class PageText {
  readonly #text: string;
  readonly #head: PageHead;
  /** Where each line begins, the head first, and where the last one ends. */
  readonly #starts: readonly number[];

  /** Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
  constructor(bytes: Uint8Array) {
    this.#text = decoder.decode(bytes);
    if (!this.#text.endsWith("\n")) throw new CorruptionError("Cannot read page: its last line is cut off");
    this.#starts = lineStarts(this.#text);
    const lines = this.#starts.length - 1;
    if (lines > PAGE_ENTRIES_MAX + 1) {
      throw new CorruptionError(`Cannot read page: it has ${lines} lines, more than any has`);
    }
    this.#head = parseHead(this.#text.slice(0, this.#starts[1]! - 1));
  }

  /**
   * All entries in their order, each decoded when it is taken: of those that wait together, memory has to be cleared with more effort. An
   * entry that is malformed costs itself only: its error is in its place.
   */
  *entries(): Generator<Entry | CorruptionError> {
    for (let i = 1; i < this.#starts.length - 1; i++) yield this.#decode(i);
  }

  #line(i: number): string {
    return this.#text.slice(this.#starts[i], this.#starts[i + 1]);
  }

  #decode(i: number): Entry | CorruptionError {
    try {
      return fromLine(JSON.parse(this.#line(i)) as Line, this.#head);
    } catch (error) {
      if (error instanceof CorruptionError) return error;
      return new CorruptionError("the entry is malformed", { cause: error });
    }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
