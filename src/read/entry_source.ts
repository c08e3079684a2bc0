import { CorruptionError } from "../base/errors.ts";
import { chunkOffsets } from "../chunk/extents.ts";
import type { Entry, Place } from "../model/entry.ts";
import type { Path } from "../model/path.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { BlobSource } from "./blob_reader.ts";
import { PageReader } from "./page_reader.ts";
import type { Relocations } from "./relocations.ts";
import type { SnapshotPages } from "./snapshot_pages.ts";

/** A chunk and where in the file it goes. */
export interface Part extends Place {
  readonly at: number;
}

/** A blob with more chunks is torn all the same. */
const MOST_OF_COUNT = 8;

/** Looks up single entries of a snapshot, opening one page each. */
export class EntrySource {
  readonly #pages: SnapshotPages;
  readonly #reader: PageReader;
  /** The page opened last: questions come in the order of entries. */
  #last: { readonly page: PageRef; readonly entries: ReadonlyMap<Path, Entry> } | undefined;

  constructor(pages: SnapshotPages, source: BlobSource, relocations: Relocations) {
    this.#pages = pages;
    this.#reader = new PageReader(source, relocations);
  }

  /** The entry at `path`; `undefined` where there is none. Throws `CorruptionError`, `NotFoundError` where its page is lost. */
  async find(path: Path): Promise<Entry | undefined> {
    const page = await this.pageOf(path);
    if (page === undefined) return undefined;
    if (this.#last?.page !== page) {
      const entries = await this.#reader.entries(page);
      this.#last = { page, entries: new Map(entries.map((entry) => [entry.path, entry])) };
    }
    return this.#last.entries.get(path);
  }

  /** The page that has the entry at `path`, if there is one. Throws as {@link find}. */
  pageOf(path: Path): Promise<PageRef | undefined> {
    return this.#pages.pageOf(path);
  }

  /**
   * The chunks of a file with their places in it, at least `count` at a time where there are as many, so that what is in one blob
   * stays together. Throws `CorruptionError`, also at their end where they are not all of it, and `NotFoundError`.
   */
  async *parts(file: Entry, count: number): AsyncGenerator<Part[]> {
    const offsetOf = chunkOffsets(file.holes ?? []);
    let left = dataBytes(file);
    let next: Part[] = [];
    for await (const chunks of this.#chunkLists(file)) {
      for (const chunk of chunks) {
        const isTorn = next.length < count * MOST_OF_COUNT && next.at(-1)?.blob === chunk.blob;
        if (next.length >= count && !isTorn) {
          yield next;
          next = [];
        }
        next.push({ ...chunk, at: offsetOf(chunk.length) });
        left -= chunk.length;
      }
    }
    if (left !== 0) {
      throw new CorruptionError(`its chunks and holes have ${file.size! - left} bytes, not ${file.size}`);
    }
    if (next.length > 0) yield next;
  }

  async *#chunkLists(file: Entry) {
    if (file.chunks !== undefined) yield file.chunks;
    else if (file.lists === undefined) throw new CorruptionError(`An entry has neither chunks nor lists`);
    else for (const list of file.lists) yield await this.#reader.list(list);
  }
}

/** Bytes of a file that are not in holes. */
export function dataBytes({ size = 0, holes = [] }: Entry): number {
  return holes.reduce((left, [, length]) => left - length, size);
}
