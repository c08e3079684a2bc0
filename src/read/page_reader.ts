import { CorruptionError } from "../base/errors.ts";
import type { Entry, Place } from "../model/entry.ts";
import { decodeListPage, decodePage, encodePage } from "../model/page.ts";
import { decodePageRefs, type PageRef } from "../model/page_refs.ts";
import { BlobReader, type BlobSource } from "./blob_reader.ts";
import { relocate, type Relocations } from "./relocations.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads pages and list pages; chunks that a repair has moved are given where they are now. */
export class PageReader {
  readonly #reader: BlobReader;
  readonly #relocations: Relocations;

  constructor(source: BlobSource, relocations: Relocations) {
    this.#reader = new BlobReader(source, "pages");
    this.#relocations = relocations;
  }

  /** The entries of a page. Throws `CorruptionError`, `NotFoundError`. */
  async entries(page: Place): Promise<Entry[]> {
    return this.#decode(await this.#reader.readOne(relocate(page, this.#relocations)));
  }

  /** The entries of each of some pages, or why it cannot be read; what lies together is fetched together. */
  async entriesOfEach(pages: readonly Place[]): Promise<(Entry[] | Error)[]> {
    const found = new Map<Place, Entry[] | Error>();
    const moved = this.#moved(pages);
    const onDamage = (lost: readonly Place[], error: Error) => lost.forEach((page) => found.set(page, error));
    for (const [blob, some] of Map.groupBy(moved, (page) => page.blob)) {
      for await (const [page, bytes] of this.#reader.read(blob, some, onDamage)) {
        try {
          found.set(page, this.#decode(bytes));
        } catch (error) {
          if (!(error instanceof CorruptionError)) throw error;
          found.set(page, error);
        }
      }
    }
    return moved.map((page) => found.get(page)!);
  }

  /** The texts of some pages, all in `blob`, as they are met; `onDamage` is called for those that cannot be read. */
  async *texts<T extends Place>(
    blob: string,
    pages: readonly T[],
    onDamage: (pages: readonly T[], error: Error) => void,
  ): AsyncGenerator<readonly [T, Uint8Array<ArrayBuffer>]> {
    for await (const [page, bytes] of this.#reader.read(blob, pages, onDamage)) {
      if (this.#relocations.size === 0) yield [page, new Uint8Array(bytes)];
      else yield [page, encoder.encode(encodePage(this.#decode(bytes)))];
    }
  }

  /** Where a page is now. */
  locate<T extends Place>(page: T): T {
    return relocate(page, this.#relocations);
  }

  /** The chunks of a list page. Throws `CorruptionError`, `NotFoundError`. */
  async list(list: Place): Promise<Place[]> {
    const bytes = await this.#reader.readOne(relocate(list, this.#relocations));
    return this.#moved(decodeListPage(decoder.decode(bytes)));
  }

  /** The pages in a list of pages. Throws `CorruptionError`, `NotFoundError`. */
  async pageRefs(list: Place): Promise<PageRef[]> {
    const bytes = await this.#reader.readOne(relocate(list, this.#relocations));
    return decodePageRefs(decoder.decode(bytes));
  }

  #decode(bytes: Uint8Array): Entry[] {
    const entries = decodePage(decoder.decode(bytes));
    return this.#relocations.size === 0 ? entries : entries.map((entry) => this.#relocated(entry));
  }

  #relocated(entry: Entry): Entry {
    const { chunks, lists } = entry;
    if (chunks !== undefined) return { ...entry, chunks: this.#moved(chunks) };
    return lists === undefined ? entry : { ...entry, lists: this.#moved(lists) };
  }

  #moved(places: readonly Place[]): Place[] {
    return places.map((place) => relocate(place, this.#relocations));
  }
}
