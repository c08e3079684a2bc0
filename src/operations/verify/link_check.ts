import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Place } from "../../model/entry.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { type Path, sortKey } from "../../model/path.ts";
import type { EntrySource } from "../../read/entry_source.ts";

/** One more name of a file. */
export interface Link {
  readonly path: Path;
  readonly first: Path;
}

/** A snapshot whose links are checked. */
export interface LinkedSnapshot {
  readonly pages: readonly PageRef[];
  readonly entries: EntrySource;
  /** By which a page is checked once. */
  readonly keyOf: (page: Place) => string;
  /** The links in a page that was read. */
  readonly linksIn: (page: PageRef) => readonly Link[];
}

/** Finds what a restore would find when it makes links, for each pair of pages once. */
export class LinkCheck {
  readonly #checked = new Set<string>();

  /** Links to what is no file of the snapshot. */
  async *broken({ pages, entries, keyOf, linksIn }: LinkedSnapshot): AsyncGenerator<Link> {
    for (const page of pages) {
      const links = linksIn(page).toSorted((a, b) => (sortKey(a.first) < sortKey(b.first) ? -1 : 1));
      const targets = await Promise.all(links.map(({ first }) => pageOrLost(entries, first)));
      const numbers = new Map(links.map((link, i) => [link, targets[i]]));
      for (const [target, some] of Map.groupBy(links, (link) => numbers.get(link))) {
        const pair = `${keyOf(page)} ${target === undefined ? "" : keyOf(target)}`;
        if (this.#checked.has(pair)) continue;
        this.#checked.add(pair);
        for (const link of some) if (await isBroken(entries, link)) yield link;
      }
    }
  }
}

async function isBroken(entries: EntrySource, { first }: Link): Promise<boolean> {
  try {
    const found = await entries.find(first);
    return found?.kind !== "file" || found.hardlink !== undefined;
  } catch (error) {
    // A page that is damaged has been reported.
    if (error instanceof CorruptionError || error instanceof NotFoundError) return false;
    throw error;
  }
}

/** `undefined` also where that cannot be found out, which is damage of its own. */
async function pageOrLost(entries: EntrySource, path: Path): Promise<PageRef | undefined> {
  try {
    return await entries.pageOf(path);
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof NotFoundError) return undefined;
    throw error;
  }
}
