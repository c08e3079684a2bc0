import { setImmediate } from "node:timers/promises";
import type { PageSummary } from "../../index/known_page.ts";
import type { Path } from "../../model/path.ts";
import type { PageScratch } from "../../scan/page_scratch.ts";
import type { ChangedEntries } from "../../write/changed_entries.ts";
import { PageDraft } from "../../write/page_draft.ts";
import type { PageStore } from "../../write/page_store.ts";

/** The pages of a backup, in order, some of which are still being made. */
export class PageSequence {
  readonly #pages: PageStore;
  readonly #snapshot: string;
  readonly #onKept: (entries: number) => void;
  readonly #changes: ChangedEntries | undefined;
  /** What each draft or kept page has become; `undefined` for a draft that is still being made. */
  readonly #sequence: (readonly PageSummary[] | undefined)[] = [];
  readonly #withLists: Promise<void>[] = [];
  readonly #complete: { readonly draft: PageDraft; readonly place: number }[] = [];
  #open = 0;
  #keeping: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Entries that may have changed again without a trace. */
  readonly unsettled: Path[] = [];
  /** Entries that were met but are not in their page. */
  readonly omitted: Path[] = [];

  /** `onKept` gets the number of entries of each draft that has become a page, `changes` those that are not as they were. */
  constructor(
    pages: PageStore,
    snapshot: string,
    onKept: (entries: number) => void,
    changes?: ChangedEntries,
  ) {
    this.#changes = changes;
    this.#pages = pages;
    this.#snapshot = snapshot;
    this.#onKept = onKept;
  }

  /** The next page is one of the last backup. */
  add(page: PageSummary): void {
    this.#sequence.push([page]);
  }

  /** The next page, which is made when all that its draft waits for has arrived. */
  draft(scratch: PageScratch): PageDraft {
    const place = this.#sequence.push(undefined) - 1;
    this.#open++;
    return new PageDraft(scratch, (draft) => this.#completed(draft, place));
  }

  /** Throws where a page could not be made. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** All pages, when no draft waits for anything any more but its chunks, which are stored. */
  async finish(): Promise<PageSummary[]> {
    await this.#settle();
    await Promise.all(this.#withLists);
    await this.#pages.flush();
    await this.#settle();
    if (this.#open > 0) throw new Error(`${this.#open} pages were never finished`);
    return this.#sequence.flatMap((pages) => pages ?? []);
  }

  #completed(draft: PageDraft, place: number): void {
    const long = this.#pages.unlisted(draft);
    if (long.length > 0) return void this.#withLists.push(this.#pages.list(draft, long));
    this.#complete.push({ draft, place });
    this.#keeping ??= this.#keepAll().catch((error) => void (this.#failure ??= { error }));
  }

  /** Makes pages of the drafts that are complete, one at a time: readers wait for answers meanwhile. */
  async #keepAll(): Promise<void> {
    for (let next = this.#complete.shift(); next !== undefined; next = this.#complete.shift()) {
      const { draft, place } = next;
      this.#sequence[place] = this.#pages.keep(this.#snapshot, draft, this.#changes);
      this.#onKept(draft.paths.length);
      draft.paths.forEach((path, i) => {
        if (draft.isOmitted(i)) this.omitted.push(path);
        else if (draft.isDistrusted(i)) this.unsettled.push(path);
      });
      draft.free();
      this.#open--;
      await setImmediate();
    }
    this.#keeping = undefined;
  }

  /** Resolves when no complete draft is left. Throws where one could not be kept. */
  async #settle(): Promise<void> {
    await this.#keeping;
    this.check();
  }
}
