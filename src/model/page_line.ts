import { CorruptionError } from "../base/errors.ts";
import type { Entry, Kind, Place } from "./entry.ts";
import { fromLine, type Line } from "./entry_line.ts";
import type { BlobTable, StoredBlob } from "./blob_table.ts";
import { headOf, type PageHead } from "./page_head.ts";
import { type Path, pathOf } from "./path.ts";

// Lines of a page that are read and changed as text: most of them are never decoded.

const PATH = '{"path":"';
const KIND = '"kind":"';
const SIZE = '"size":';
const HARDLINK = '"hardlink';
const CHUNKS = '"chunks":[[';
const LISTS = '"lists":[[';
const DIGITS_MAX = 20;

/** An entry as a line of a page, decoded only where that is wanted. No member's text can be within another's: quotes are escaped there. */
export class PageLine {
  readonly #text: string;
  readonly #head: PageHead;

  constructor(text: string, head: PageHead) {
    this.#text = text;
    this.#head = head;
  }

  /** All of it. */
  get text(): string {
    return this.#text;
  }

  decode(): Entry {
    return fromLine(JSON.parse(this.#text) as Line, this.#head);
  }

  /** Throws where the line is malformed. */
  get path(): Path {
    return plainPathAt(this.#text, 0) ?? this.decode().path;
  }

  get kind(): Kind {
    const at = this.#text.indexOf(KIND) + KIND.length;
    return this.#text.slice(at, this.#text.indexOf('"', at)) as Kind;
  }

  get lists(): readonly Place[] | undefined {
    return this.#text.includes(LISTS) ? this.decode().lists : undefined;
  }

  /** Of a file that has contents of its own: bytes; else 0. */
  get ownBytes(): number {
    const at = this.#text.indexOf(SIZE);
    if (at < 0 || this.#text.includes(HARDLINK)) return 0;
    return parseInt(this.#text.slice(at + SIZE.length, at + SIZE.length + DIGITS_MAX));
  }

  /** The line with the numbers that these tables give. */
  renumber(blobs: BlobTable, pages: BlobTable): string {
    const chunks = this.#text.indexOf(CHUNKS);
    if (chunks >= 0) return this.#renumber(chunks + CHUNKS.length, this.#head.blobs, blobs);
    const lists = this.#text.indexOf(LISTS);
    return lists < 0 ? this.#text : this.#renumber(lists + LISTS.length, this.#head.pages, pages);
  }

  /** `at` is where the first number begins. */
  #renumber(at: number, blobs: readonly StoredBlob[], table: BlobTable): string {
    const text = this.#text;
    let renumbered = "";
    let copied = 0;
    for (;;) {
      const comma = text.indexOf(",", at);
      const old = Number(text.slice(at, comma));
      const blob = blobs[old];
      const end = text.indexOf("]", comma);
      if (blob === undefined || end < 0) throw new CorruptionError("Cannot read page: it is malformed");
      const number = table.number(blob[0], blob[1]);
      if (number !== old) {
        renumbered += text.slice(copied, at) + number;
        copied = comma;
      }
      if (text[end + 1] !== ",") return renumbered + text.slice(copied);
      at = end + "],[".length;
    }
  }
}

/** As `decodePage`, but lines are decoded one by one, where that is wanted. */
export function splitPage(text: string): PageLine[] {
  const head = headOf(text);
  return text.split("\n").slice(1, -1).map((line) => new PageLine(line, head));
}

/** The text of a page, whatever holds it. */
export type SearchedText = Pick<string, "indexOf" | "lastIndexOf" | "slice" | "startsWith">;

/** The path of the line at `at`, as every writer puts it there: first, and as a rule without escapes; else `undefined`. */
export function plainPathAt(text: SearchedText, at: number): Path | undefined {
  if (!text.startsWith(PATH, at)) return undefined;
  const start = at + PATH.length;
  const end = text.indexOf('"', start);
  const path = text.slice(start, end);
  return end < 0 || path.includes("\\") ? undefined : pathOf(path);
}
