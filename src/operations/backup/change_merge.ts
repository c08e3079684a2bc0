import { sortKey } from "../../model/path.ts";
import { S_IFREG } from "../../platform/stat.ts";
import { kindOf } from "../../scan/describe.ts";
import { type StampedEntry, stampOf } from "../../scan/page_stamps.ts";
import { inodeOf, isStamp } from "../../scan/stamp.ts";
import type { Visited } from "../../scan/visited.ts";
import type { Unseen } from "../../scan/walk_changes.ts";
import type { BackupScan } from "./backup_scan.ts";
import { entryAt, type KnownPages } from "./known_pages.ts";
import type { TouchedLinks } from "./touched_links.ts";

/** Above every key. */
const END = "\x01";

export interface MergeOptions {
  readonly known: KnownPages;
  readonly scan: BackupScan;
  readonly links: TouchedLinks;
  /** Of which files with several names every name is visited. */
  readonly hasAllNames: (inode: bigint) => boolean;
  /** Ends the page that the scan is at. */
  readonly endPage: () => Promise<void>;
}

/**
 * Completes a walk over changes by what the last backup knows, so that the scan meets what a walk over everything would give it. A page in which
 * nothing has changed is given as a whole, and not even looked at unless something in its range was visited.
 */
export class ChangeMerge {
  readonly #options: MergeOptions;
  readonly #known: KnownPages;
  readonly #scan: BackupScan;
  /** The next known entry. */
  #page = 0;
  #entry = 0;
  /** Whether the scan has not been given what is before it in its page, because nothing of that has changed. */
  #isHeld: boolean;
  #atLast: StampedEntry | undefined;

  constructor(options: MergeOptions) {
    this.#options = options;
    this.#known = options.known;
    this.#scan = options.scan;
    this.#isHeld = this.#mayHold();
  }

  /** The stamp that the last backup has for the entry visited last. */
  get knownStamp(): Uint8Array | undefined {
    return this.#atLast && stampOf(this.#atLast);
  }

  /** Takes the steps of the walk, in their order. */
  async add(step: Visited | Unseen): Promise<void> {
    if (!("from" in step)) return await this.#visit(step);
    await this.#dropTo(step.from);
    await this.#keepTo(step.to);
  }

  /** The walk has ended. */
  async finish(): Promise<void> {
    await this.#dropTo(END);
  }

  async #visit(visited: Visited): Promise<void> {
    const key = sortKey(visited.path);
    await this.#dropTo(key);
    const known = this.#knownAt(visited, key);
    this.#atLast = known;
    this.#options.links.visited(visited, known, known !== undefined && this.#isLinked(known));
    if (this.#isHeld && known !== undefined && this.#isUnchanged(visited, known)) return this.#pass();
    if (known !== undefined || kindOf(visited.stat) !== undefined) await this.#release();
    if (this.#scan.visit(visited)) await this.#options.endPage();
    if (known !== undefined) this.#pass();
    else if (this.#entry === 0) this.#isHeld = this.#mayHold();
  }

  #knownAt({ path }: Visited, key: string): StampedEntry | undefined {
    const page = this.#known.pages[this.#page];
    if (page === undefined || key < page.firstKey) return undefined;
    const known = this.#known.entries(this.#page)[this.#entry]!;
    return known.path === path ? known : undefined;
  }

  #isUnchanged({ stat }: Visited, known: StampedEntry): boolean {
    if (!isStamp(stat.bytes, stampOf(known))) return false;
    return stat.type !== S_IFREG || stat.linkCount < 2 || !this.#options.hasAllNames(stat.inode);
  }

  /** Known entries before `key` are not there any more. */
  async #dropTo(key: string): Promise<void> {
    for (let end = this.#endBefore(key); end > this.#entry; end = this.#endBefore(key)) {
      await this.#release();
      if (this.#known.pages[this.#page]!.links.length > 0) {
        const dropped = this.#known.entries(this.#page).slice(this.#entry, end);
        dropped.filter((entry) => this.#isLinked(entry)).forEach((entry) => this.#options.links.gone(entry));
      }
      this.#moveTo(end);
    }
  }

  /** Known entries before `key` are as they were. */
  async #keepTo(key: string): Promise<void> {
    for (let end = this.#endBefore(key); end > this.#entry; end = this.#endBefore(key)) {
      if (!this.#isHeld) await this.#give(this.#entry, end);
      this.#moveTo(end);
    }
  }

  /** The number of the first entry in this page that is not before `key`. */
  #endBefore(key: string): number {
    const page = this.#known.pages[this.#page];
    if (page === undefined || page.firstKey >= key) return 0;
    if (page.lastKey < key) return page.entries;
    const entries = this.#known.entries(this.#page);
    return sortKey(entries[this.#entry]!.path) >= key ? this.#entry : entryAt(entries, key);
  }

  #pass(): void {
    this.#moveTo(this.#entry + 1);
  }

  /** Goes on to entry `entry` of this page; at its end a page that was held until then is kept. */
  #moveTo(entry: number): void {
    const page = this.#known.pages[this.#page]!;
    this.#entry = entry;
    if (entry < page.entries) return;
    if (this.#isHeld) this.#scan.keepPage(page);
    this.#page++;
    this.#entry = 0;
    this.#isHeld = this.#mayHold();
  }

  /** Whether this page is one of the new backup as well if nothing in it has changed. */
  #mayHold(): boolean {
    const isThere = this.#page < this.#known.pages.length;
    return isThere && this.#scan.isBetweenPages && this.#known.isClosed(this.#page);
  }

  /** Something in this page has changed: the scan gets what was held. */
  async #release(): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.#entry > 0) await this.#give(0, this.#entry);
  }

  /** Gives the scan entries `start` to `end` of this page. */
  async #give(start: number, end: number): Promise<void> {
    const entries = this.#known.entries(this.#page);
    for (let i = start; i < end; i++) {
      if (this.#scan.addUnseen(entries[i]!, this.#isLinked(entries[i]!))) await this.#options.endPage();
    }
  }

  #isLinked(entry: StampedEntry): boolean {
    const { links } = this.#known.pages[this.#page]!;
    return links.length > 0 && links.includes(inodeOf(stampOf(entry)));
  }
}
