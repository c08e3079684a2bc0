import type { SearchedPage } from "./search_frames.ts";

// Pages of snapshots that follow each other have nearly the same lines. From thread to thread each goes once, and by its number after that.

/** Lines that are remembered on both sides. */
const LINES_MAX = 20_000;

/** A page as it is sent: lines by their numbers. */
export type SentPage = { readonly head: string; readonly lines: readonly number[] } | {
  readonly fault: string;
};

/** Pages, and the lines that were not sent before; they have the numbers from `first` on. */
export interface SentPages {
  readonly pages: readonly SentPage[];
  readonly first: number;
  readonly lines: readonly string[];
}

/** On the side that sends. */
export class LineNumbers {
  readonly #numbers = new Map<string, number>();

  /** What {@link KnownLines.received} makes the same of; it must be given all that was made here, in order. */
  sent(pages: readonly SearchedPage[]): SentPages {
    if (this.#numbers.size >= LINES_MAX) this.#numbers.clear();
    const first = this.#numbers.size;
    const lines: string[] = [];
    const numberOf = (line: string) => {
      let number = this.#numbers.get(line);
      if (number === undefined) {
        this.#numbers.set(line, number = first + lines.length);
        lines.push(line);
      }
      return number;
    };
    const sent = pages.map((page) =>
      "fault" in page ? page : { head: page.head, lines: page.lines.map(numberOf) }
    );
    return { pages: sent, first, lines };
  }
}

/** On the other side. */
export class KnownLines {
  readonly #lines: string[] = [];

  received({ pages, first, lines }: SentPages): SearchedPage[] {
    this.#lines.length = first;
    for (const line of lines) this.#lines.push(line);
    return pages.map((page) =>
      "fault" in page ? page : { head: page.head, lines: page.lines.map((number) => this.#lines[number]!) }
    );
  }
}
