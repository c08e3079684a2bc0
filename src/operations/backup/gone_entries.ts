import type { ChangedEntries } from "../../write/changed_entries.ts";
import type { EarlierPages } from "./earlier_pages.ts";

/** Above every key. */
const END = "\x01";

/** Notes what the last backup has between two pages of the next one: no page of that one tells that it is gone. */
export class GoneEntries {
  readonly #earlier: Pick<EarlierPages, "linesBetween">;
  readonly #changes: ChangedEntries | undefined;
  /** Key of the last entry of the page before. */
  #last = "";

  constructor(earlier: Pick<EarlierPages, "linesBetween">, changes: ChangedEntries | undefined) {
    this.#earlier = earlier;
    this.#changes = changes;
  }

  /** The next page has entries from key `first` to key `last`. */
  pageFrom(first: string, last: string): void {
    this.#noteBefore(first);
    this.#last = last;
  }

  /** There are no more pages. */
  finish(): void {
    this.#noteBefore(END);
  }

  #noteBefore(key: string): void {
    if (this.#changes === undefined) return;
    for (const line of this.#earlier.linesBetween(this.#last, key)) {
      if (!this.#changes.isComplete) return;
      this.#changes.was(line);
    }
  }
}
