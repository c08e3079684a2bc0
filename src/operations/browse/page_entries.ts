import { CorruptionError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { faultOf } from "../../model/entry_fault.ts";
import { type PageLine, splitPage } from "../../model/page_line.ts";
import { PAGE_ENTRIES_MAX } from "../../model/page_cut.ts";
import { displayPath, type Path, sortKey } from "../../model/path.ts";
import { firstAfter } from "./page_list.ts";

const decoder = new TextDecoder();

/** The entries of a page, each decoded when it is asked for. */
export class PageEntries {
  readonly #lines: readonly PageLine[];
  readonly #decoded: (Entry | undefined)[] = [];

  /** Throws `CorruptionError`. */
  constructor(bytes: Uint8Array) {
    this.#lines = splitPage(decoder.decode(bytes));
    if (this.#lines.length <= PAGE_ENTRIES_MAX) return;
    throw new CorruptionError(`Cannot read page: it has ${this.#lines.length} entries`);
  }

  get count(): number {
    return this.#lines.length;
  }

  /** Throws `CorruptionError` where the entry is malformed. */
  at(line: number): Entry {
    return this.#decoded[line] ??= entryIn(this.#line(line));
  }

  /** The path of an entry, which need not be decoded for it. Throws `CorruptionError` where the entry is malformed. */
  pathAt(line: number): Path {
    try {
      return this.#line(line).path;
    } catch {
      return this.at(line).path;
    }
  }

  /** The line of an entry. */
  textAt(line: number): string {
    return this.#line(line).text;
  }

  /** The lines of all entries. */
  texts(): string[] {
    return this.#lines.map(({ text }) => text);
  }

  /** The first entry whose key is `key` or after it; `count` where there is none. */
  find(key: string): number {
    return firstAfter(this.count, (line) => sortKey(this.pathAt(line)) >= key);
  }

  #line(line: number): PageLine {
    const found = this.#lines[line];
    if (found !== undefined) return found;
    throw new CorruptionError(`Cannot read page: it has no entry ${line}`);
  }
}

/** The entry in a line. Throws `CorruptionError` where it is malformed. */
export function entryIn(line: PageLine): Entry {
  let entry: Entry;
  try {
    entry = line.decode();
  } catch (error) {
    if (error instanceof CorruptionError) throw error;
    throw new CorruptionError("Cannot read page: an entry is malformed", { cause: error });
  }
  const fault = faultOf(entry);
  if (fault === undefined) return entry;
  throw new CorruptionError(`Cannot read "${displayPath(entry.path)}": ${fault}`);
}
