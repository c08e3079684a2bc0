import { release } from "../../base/bytes.ts";
import { DamagedIndexError } from "../../base/errors.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import type { PageIndex } from "../../index/pages.ts";
import { type PageLine, splitPage } from "../../model/page_line.ts";
import { type Path, sortKey } from "../../model/path.ts";
import { readStamps, type StampedEntry } from "../../scan/page_stamps.ts";
import type { KnownPages } from "./known_pages.ts";

/** The entries of a page of an earlier run: what they were stamped with, and what was said of them, in the same order. */
export interface EarlierPage {
  readonly entries: readonly StampedEntry[];
  readonly lines: readonly PageLine[];
  /** It is one of the last backup. */
  readonly isLast: boolean;
}

/** The pages of a snapshot's last backup, and of runs since then that ended early. */
export class EarlierPages {
  readonly #index: PageIndex;
  readonly #snapshot: string;
  readonly #known: KnownPages;

  constructor(index: PageIndex, snapshot: string, known: KnownPages) {
    this.#index = index;
    this.#snapshot = snapshot;
    this.#known = known;
  }

  /** Those that have entries from `first` to `last`, one at a time. */
  *between(first: Path, last: Path): Generator<EarlierPage> {
    const known = new Set<number>();
    for (const i of this.#known.between(first, last)) {
      const { number, length } = this.#known.pages[i]!;
      known.add(number);
      yield {
        entries: this.#known.entries(i),
        lines: pageLines(this.#index.frame(number), length),
        isLast: true,
      };
    }
    for (const number of this.#index.overlapping(this.#snapshot, first, last)) {
      if (known.has(number)) continue;
      const { stamps, firstPath, length, frame } = this.#index.contents(number);
      yield { entries: readStamps(stamps, firstPath), lines: pageLines(frame, length), isLast: false };
    }
  }

  /** What the last backup says of the entries after key `from` and before key `to`. */
  *linesBetween(from: string, to: string): Generator<PageLine> {
    const isBetween = (key: string) => key > from && key < to;
    for (const i of this.#known.betweenKeys(from, to)) {
      const { number, length, firstKey, lastKey } = this.#known.pages[i]!;
      // Most pages follow each other as they did: of these nothing has to be read.
      if (lastKey <= from || firstKey >= to) continue;
      const keys = this.#known.entries(i).map(({ path }) => sortKey(path));
      if (!keys.some(isBetween)) continue;
      const lines = pageLines(this.#index.frame(number), length);
      yield* lines.filter((_, entry) => isBetween(keys[entry]!));
    }
  }
}

const decoder = new TextDecoder();

/** The lines of a page, whose text of `length` bytes the index has as a zstd frame. */
export function pageLines(frame: Uint8Array, length: number): PageLine[] {
  try {
    const text = decompressFrame(frame, length);
    const lines = splitPage(decoder.decode(text));
    release(text);
    return lines;
  } catch (cause) {
    throw new DamagedIndexError("A page in the index is damaged", { cause });
  }
}
