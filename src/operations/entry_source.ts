import { CorruptionError } from "../base/errors.ts";
import { chunkOffsets } from "../chunk/extents.ts";
import type { Entry } from "../model/entry.ts";
import { decodeListPage, decodePage } from "../model/page.ts";
import { type Path, sortKey } from "../model/path.ts";
import type { PageRef } from "../model/snapshot.ts";
import { BlobReader, type BlobSource } from "./blob_reader.ts";
import type { Part } from "./restore/messages.ts";

const decoder = new TextDecoder();

/** Looks up single entries of a snapshot, opening one page each. */
export class EntrySource {
  readonly #pages: readonly PageRef[];
  readonly #reader: BlobReader;
  /** The page opened last: questions come in the order of entries. */
  #last: { readonly page: PageRef; readonly entries: ReadonlyMap<Path, Entry> } | undefined;

  constructor(pages: readonly PageRef[], source: BlobSource) {
    this.#pages = pages;
    this.#reader = new BlobReader(source, "pages");
  }

  /** The entry at `path`; `undefined` where there is none. Throws `CorruptionError`, `NotFoundError` where its page is lost. */
  async find(path: Path): Promise<Entry | undefined> {
    const key = sortKey(path);
    const page = this.#pages.findLast((page) => sortKey(page.firstPath) <= key);
    if (page === undefined) return undefined;
    if (this.#last?.page !== page) {
      const entries = decodePage(decoder.decode(await this.#reader.readOne(page)));
      this.#last = { page, entries: new Map(entries.map((entry) => [entry.path, entry])) };
    }
    return this.#last.entries.get(path);
  }

  /** The chunks of a file with their places in it, some at a time. Throws `CorruptionError`, `NotFoundError`. */
  async *parts(file: Entry, count: number): AsyncGenerator<Part[]> {
    const offsetOf = chunkOffsets(file.holes ?? []);
    let next: Part[] = [];
    for await (const chunks of this.#chunkLists(file)) {
      for (const chunk of chunks) {
        next.push({ ...chunk, at: offsetOf(chunk.length) });
        if (next.length < count) continue;
        yield next;
        next = [];
      }
    }
    if (next.length > 0) yield next;
  }

  async *#chunkLists(file: Entry) {
    if (file.chunks !== undefined) yield file.chunks;
    else if (file.lists === undefined) throw new CorruptionError(`An entry has neither chunks nor lists`);
    else {for (const list of file.lists) {
        yield decodeListPage(decoder.decode(await this.#reader.readOne(list)));
      }}
  }
}
