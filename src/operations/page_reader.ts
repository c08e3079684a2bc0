import type { Entry, Place } from "../model/entry.ts";
import { decodeListPage, decodePage } from "../model/page.ts";
import { BlobReader, type BlobSource } from "./blob_reader.ts";
import { relocate, type Relocations } from "./relocations.ts";

const decoder = new TextDecoder();

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
    const entries = decodePage(await this.#text(page));
    return this.#relocations.size === 0 ? entries : entries.map((entry) => this.#relocated(entry));
  }

  /** The chunks of a list page. Throws `CorruptionError`, `NotFoundError`. */
  async list(list: Place): Promise<Place[]> {
    return this.#moved(decodeListPage(await this.#text(list)));
  }

  async #text(page: Place): Promise<string> {
    return decoder.decode(await this.#reader.readOne(relocate(page, this.#relocations)));
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
