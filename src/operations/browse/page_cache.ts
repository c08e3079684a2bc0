import { LruCache } from "../../base/lru.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { PageEntries } from "./page_entries.ts";

/** Text of pages that is kept; entries of them that were looked at take up to ten times as much. */
const PAGES_BYTES = 4 * 1024 * 1024;

/** Gives the text of a page. */
export type ReadPage = (page: PageRef) => Promise<Uint8Array>;

/** The pages that were used last, of all snapshots: they share most of them. */
export class PageCache {
  readonly #pages = new LruCache<string, Promise<PageEntries>>(PAGES_BYTES);

  /** The entries of a page; throws what `read` throws, `CorruptionError`. */
  get(page: PageRef, read: ReadPage): Promise<PageEntries> {
    const kept = this.#pages.get(page.id);
    if (kept !== undefined) return kept;
    const entries = read(page).then((text) => new PageEntries(text));
    this.#pages.set(page.id, entries, page.length);
    entries.catch(() => this.#pages.delete(page.id));
    return entries;
  }
}
