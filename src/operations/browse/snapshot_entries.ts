import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { PAGE_ENTRIES_MAX } from "../../model/page_cut.ts";
import { isWithin, joinPath, type Path, sortKey } from "../../model/path.ts";
import type { PageCache, ReadPage } from "./page_cache.ts";
import type { PageEntries } from "./page_entries.ts";
import type { PageList } from "./page_list.ts";

/** An entry and its place in the order of entries: the number of its page times {@link PAGE_ENTRIES_MAX}, and its line. */
export interface Located {
  readonly entry: Entry;
  readonly position: number;
}

/** What a step of a listing met; `next` is where the listing goes on. */
export type Step =
  | { readonly found: Located; readonly next: number }
  /** A page that cannot be read, or an entry. */
  | { readonly error: Error; readonly next: number };

/** The entries of a snapshot, of which no more pages are read than those that hold what is asked for. */
export class SnapshotEntries {
  readonly #list: PageList;
  readonly #cache: PageCache;
  readonly #read: ReadPage;
  /** The page that was used last: most that is asked for lies together. */
  #last: { readonly number: number; readonly page: PageEntries } | undefined;

  /** `read` gives the text of a page. */
  constructor(list: PageList, cache: PageCache, read: ReadPage) {
    this.#list = list;
    this.#cache = cache;
    this.#read = read;
  }

  /** Throws `NotFoundError` where there is none, `CorruptionError` where it is lost. */
  async at(position: number): Promise<Entry> {
    const page = Math.floor(position / PAGE_ENTRIES_MAX);
    if (page >= this.#list.count) throw new NotFoundError(`No entry at ${position}`);
    return (await this.#page(page)).at(position % PAGE_ENTRIES_MAX);
  }

  /** The entry at `path`; `undefined` where there is none. Throws `CorruptionError` where it may be in what is lost. */
  async find(path: Path): Promise<Located | undefined> {
    const key = sortKey(path);
    const position = await this.#seek(key);
    const number = Math.floor(position / PAGE_ENTRIES_MAX);
    if (number >= this.#list.count) return undefined;
    const page = await this.#page(number);
    const line = position % PAGE_ENTRIES_MAX;
    if (line >= page.count) return undefined;
    const entry = page.at(line);
    return entry.path === path ? { entry, position } : undefined;
  }

  /**
   * The entries directly in `directory`, in order, from `from` on: the position of the directory plus 1, or the `next` of an earlier step.
   * What is below them is passed over, its pages unread.
   */
  async *list(directory: Path, from: number): AsyncGenerator<Step> {
    for (let position = from;;) {
      const step = await this.#step(position);
      if (step === undefined) return;
      if ("found" in step) {
        const { entry } = step.found;
        if (!isWithin(entry.path, directory)) return;
        if (entry.path !== directory) {
          const child = childOf(directory, entry.path);
          if (child === entry.path) yield step;
          if (child !== entry.path || entry.kind === "directory") {
            position = Math.max(step.next, await this.#after(child, position));
            continue;
          }
        }
      } else yield step;
      position = step.next;
    }
  }

  /** What is at `position`, or at the beginning of the page behind; `undefined` at the end. */
  async #step(position: number): Promise<Step | undefined> {
    const number = Math.floor(position / PAGE_ENTRIES_MAX);
    const line = position % PAGE_ENTRIES_MAX;
    if (number >= this.#list.count) return undefined;
    const nextPage = (number + 1) * PAGE_ENTRIES_MAX;
    try {
      const page = await this.#page(number);
      if (line >= page.count) return await this.#step(nextPage);
      const next = line + 1 < page.count ? position + 1 : nextPage;
      return stepAt(page, line, position, next);
    } catch (error) {
      return { error: lossOf(error), next: nextPage };
    }
  }

  /** Where what is behind everything in `path` begins; usually near `position`. */
  async #after(path: Path, position: number): Promise<number> {
    // "\x01" is the byte behind the "\0" that stands for "/" in keys.
    const key = sortKey(path) + "\x01";
    const number = Math.floor(position / PAGE_ENTRIES_MAX);
    try {
      const page = await this.#page(number);
      if (page.count > 0 && sortKey(page.at(page.count - 1).path) >= key) {
        return number * PAGE_ENTRIES_MAX + page.find(key);
      }
      return await this.#seek(key);
    } catch (error) {
      lossOf(error);
      return await this.#list.find(key) * PAGE_ENTRIES_MAX;
    }
  }

  /** The position of the first entry with `key` or behind it. */
  async #seek(key: string): Promise<number> {
    const number = await this.#list.find(key);
    if (number >= this.#list.count) return 0;
    const line = (await this.#page(number)).find(key);
    const page = await this.#page(number);
    return line < page.count ? number * PAGE_ENTRIES_MAX + line : (number + 1) * PAGE_ENTRIES_MAX;
  }

  async #page(number: number): Promise<PageEntries> {
    if (this.#last?.number === number) return this.#last.page;
    const page = await this.#cache.get(await this.#list.at(number), this.#read);
    this.#last = { number, page };
    return page;
  }
}

function stepAt(page: PageEntries, line: number, position: number, next: number): Step {
  try {
    return { found: { entry: page.at(line), position }, next };
  } catch (error) {
    return { error: lossOf(error), next };
  }
}

/** The error, where it is what the store has lost or what is damaged; all else is thrown on. */
function lossOf(error: unknown): Error {
  if (error instanceof CorruptionError || error instanceof NotFoundError) return error;
  throw error;
}

/** The path directly in `directory` that `path` is or is below. */
function childOf(directory: Path, path: Path): Path {
  const start = directory === "/" ? 1 : directory.length + 1;
  const end = path.indexOf("/", start);
  return joinPath(directory, path.slice(start, end < 0 ? undefined : end));
}
