import { sha256Hex } from "../base/digest.ts";
import type { PageSummary } from "../index/known_page.ts";
import type { Entry } from "../model/entry.ts";
import { encodePage } from "../model/page.ts";
import type { PageLine } from "../model/page_line.ts";
import { sortKey } from "../model/path.ts";

/** Where more has changed, nothing is recorded: pages are compared when that is asked for. */
const ENTRIES_MAX = 400;
const TEXT_MAX = 32 * 1024;

const encoder = new TextEncoder();

/** A page that is no run of entries of a backup. */
export interface ChangedPage extends Pick<PageSummary, "id" | "firstPath" | "entries"> {
  readonly text: Uint8Array;
}

/** What is different between two backups. */
export interface ChangedPages {
  /** The entries that are gone or were otherwise. */
  readonly before: ChangedPage;
  /** The entries that are new or otherwise. */
  readonly after: ChangedPage;
}

/** What is not as it was in the last backup, noted while the pages of the next one are made. */
export class ChangedEntries {
  #before: Entry[] = [];
  #after: Entry[] = [];
  #isComplete = true;

  /** Whether all is noted so far. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** An entry of the last backup is gone, or is otherwise now. */
  was(line: PageLine): void {
    if (this.#isComplete) this.#add(this.#before, line.decode());
  }

  /** An entry is new, or was otherwise. */
  is(entry: Entry): void {
    if (this.#isComplete) this.#add(this.#after, entry);
  }

  /** What is noted from now on would not be all. */
  giveUp(): void {
    this.#isComplete = false;
    [this.#before, this.#after] = [[], []];
  }

  /** `undefined` where nothing has changed between the pages of the last backup and of this one, or not all of it was noted. */
  pages(last: readonly PageSummary[], now: readonly PageSummary[]): ChangedPages | undefined {
    const [gone, added] = [this.#before.length, this.#after.length];
    // What was kept is in the pages of both: so what was not noted is missing from the difference.
    const isAll = entriesOf(last) - gone === entriesOf(now) - added;
    if (!this.#isComplete || !isAll || gone + added === 0 || idsOf(last) === idsOf(now)) return undefined;
    const [before, after] = [changedPage(this.#before), changedPage(this.#after)];
    return Math.max(before.text.length, after.text.length) > TEXT_MAX ? undefined : { before, after };
  }

  #add(entries: Entry[], entry: Entry): void {
    if (entries.push(entry) > ENTRIES_MAX) this.giveUp();
  }
}

function idsOf(pages: readonly PageSummary[]): string {
  return pages.map(({ id }) => id).join();
}

function entriesOf(pages: readonly PageSummary[]): number {
  return pages.reduce((sum, { entries }) => sum + entries, 0);
}

function changedPage(entries: readonly Entry[]): ChangedPage {
  const inOrder = entries.toSorted((a, b) => (sortKey(a.path) < sortKey(b.path) ? -1 : 1));
  const text = encoder.encode(encodePage(inOrder));
  return { id: sha256Hex(text), firstPath: inOrder[0]?.path ?? "/", entries: inOrder.length, text };
}
