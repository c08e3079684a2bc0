import { concatBytes, release } from "../base/bytes.ts";
import { CorruptionError, UsageError } from "../base/errors.ts";
import type { Entry, Place } from "./entry.ts";
import { fromLine, type Line, lineOf, Shared } from "./entry_line.ts";
import { isCount, isSha256 } from "./json.ts";
import { PAGE_ENTRIES_MAX } from "./page_cut.ts";
import { BlobTable } from "./blob_table.ts";
import { headLine, type Numbered, type PageHead, parseHead, toPlace } from "./page_head.ts";
import { PageLine } from "./page_line.ts";

// The codec of pages and list pages; FORMAT.md is the reader's version.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Lines are brought into bytes so many characters at a time: each by itself costs more, and all of a page as strings far more memory. */
const PENDING_MAX = 16 * 1024;
/** UTF-8 of one char code takes no more. */
const BYTES_PER_CHARACTER = 3;

/** Makes the text of one page after the other, each entry by entry, in reused memory. */
export class PageEncoder {
  #shared = new Shared();
  #pending = "";
  #bytes = new Uint8Array(16 * PENDING_MAX);
  #length = 0;

  /** Adds the next entry in order. Equal entries give equal text, whether they come as lines of other pages or decoded. */
  add(entry: Entry | PageLine): void {
    const shared = this.#shared;
    const isLine = entry instanceof PageLine;
    const line = isLine ? entry.renumber(shared.blobs, shared.pages) : lineOf(entry, shared);
    this.#pending += line + "\n";
    if (this.#pending.length >= PENDING_MAX) this.#write();
  }

  /** About how many bytes the entries of the page have so far. */
  get textBytes(): number {
    return this.#length + this.#pending.length;
  }

  /** What the first line of the page says. */
  get head(): PageHead {
    return { blobs: this.#shared.blobs.blobs, pages: this.#shared.pages.blobs };
  }

  /** The text of the page, which is done: the next entry begins another one. */
  finish(): Uint8Array<ArrayBuffer> {
    this.#write();
    const { blobs, pages } = this.head;
    const head = encoder.encode(headLine(blobs, pages) + "\n");
    const text = concatBytes([head, this.#bytes.subarray(0, this.#length)]);
    this.#shared = new Shared();
    this.#length = 0;
    return text;
  }

  #write(): void {
    const needed = this.#length + this.#pending.length * BYTES_PER_CHARACTER;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(2 * needed);
      larger.set(this.#bytes);
      release(this.#bytes);
      this.#bytes = larger;
    }
    this.#length += encoder.encodeInto(this.#pending, this.#bytes.subarray(this.#length)).written;
    this.#pending = "";
  }
}

/** The text of a page with these entries, which come in order. */
export function encodePage(entries: readonly (Entry | PageLine)[]): string {
  const page = new PageEncoder();
  entries.forEach((entry) => page.add(entry));
  return decoder.decode(page.finish());
}

/** The text of a list page: the chunks of one file, or a run of them. */
export function encodeListPage(chunks: readonly Place[]): string {
  const blobs = new BlobTable();
  const lines = chunks.map((chunk) => blobs.place(chunk));
  return [headLine(blobs.blobs, []), ...lines, ""].join("\n");
}

/** Inverse of {@link encodePage}. Throws `CorruptionError`; `UsageError` where a newer program wrote it. */
export function decodePage(text: string): Entry[] {
  return decodeLines(text, (line, head) => fromLine(line as Line, head));
}

/** Inverse of {@link encodeListPage}. Throws as {@link decodePage}. */
export function decodeListPage(text: string): Place[] {
  return decodeLines(text, (line, head) => {
    const place = toPlace(line as Numbered, head.blobs);
    if (isCount(place.offset) && isCount(place.length) && isSha256(place.id)) return place;
    throw new CorruptionError("Cannot read page: a place in it is malformed");
  });
}

function decodeLines<T>(text: string, decode: (line: unknown, head: PageHead) => T): T[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new CorruptionError("Cannot read page: its last line is cut off");
  if (lines.length > PAGE_ENTRIES_MAX + 1) {
    throw new CorruptionError(`Cannot read page: it has ${lines.length} lines, more than any has`);
  }
  try {
    const head = parseHead(lines[0]!);
    const decoded: T[] = [];
    for (let i = 1; i < lines.length; i++) decoded.push(decode(JSON.parse(lines[i]!), head));
    return decoded;
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof UsageError) throw error;
    // JSON, or a member of it, is not what it should be.
    throw new CorruptionError("Cannot read page: it is malformed", { cause: error });
  }
}
