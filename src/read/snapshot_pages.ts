import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { type Path, sortKey } from "../model/path.ts";
import type { PageRef } from "../model/page_refs.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { PageReader } from "./page_reader.ts";

/** Chooses pages (or lists of pages) by the paths in them: each reaches to where the next one begins, the last one to `end`. */
export type ChooseRefs = (refs: readonly PageRef[], end?: Path) => readonly PageRef[];

const all: ChooseRefs = (refs) => refs;

/** The pages of a snapshot; its lists of pages are read where they are needed. */
export class SnapshotPages {
  readonly #snapshot: Pick<Snapshot, "pageLists" | "pages">;
  readonly #reader: Pick<PageReader, "pageRefs">;
  /** The list that was read last: questions come in the order of entries. */
  #last: { readonly list: PageRef; readonly pages: readonly PageRef[] } | undefined;

  constructor(snapshot: Pick<Snapshot, "pageLists" | "pages">, reader: Pick<PageReader, "pageRefs">) {
    this.#snapshot = snapshot;
    this.#reader = reader;
  }

  /**
   * The pages that `choose` takes, in order, some at a time. A list that cannot be read costs its pages: `onDamage` is called, or its
   * error is thrown.
   */
  async *each(
    choose: ChooseRefs = all,
    onDamage: (list: PageRef, error: Error) => void = (_, error) => {
      throw error;
    },
  ): AsyncGenerator<readonly PageRef[]> {
    const { pageLists, pages } = this.#snapshot;
    const chosen = new Set(choose([...pageLists, ...pages]));
    for (const [i, list] of pageLists.entries()) {
      if (!chosen.has(list)) continue;
      try {
        yield choose(await this.#read(list), (pageLists[i + 1] ?? pages.at(0))?.firstPath);
      } catch (error) {
        if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
        onDamage(list, error);
      }
    }
    yield pages.filter((page) => chosen.has(page));
  }

  /** As {@link each}, all at once. */
  async all(choose?: ChooseRefs, onDamage?: (list: PageRef, error: Error) => void): Promise<PageRef[]> {
    return (await Array.fromAsync(this.each(choose, onDamage))).flat();
  }

  /** The page that has the entry at `path`, if there is one. Throws `CorruptionError`, `NotFoundError` where its list is lost. */
  async pageOf(path: Path): Promise<PageRef | undefined> {
    const key = sortKey(path);
    const before = ({ firstPath }: PageRef) => sortKey(firstPath) <= key;
    const { pageLists, pages } = this.#snapshot;
    const page = pages.findLast(before);
    if (page !== undefined) return page;
    const list = pageLists.findLast(before);
    return list === undefined ? undefined : (await this.#read(list)).findLast(before);
  }

  async #read(list: PageRef): Promise<readonly PageRef[]> {
    if (this.#last?.list.id !== list.id) {
      const pages = await this.#reader.pageRefs(list);
      this.#last = { list, pages };
    }
    return this.#last!.pages;
  }
}
