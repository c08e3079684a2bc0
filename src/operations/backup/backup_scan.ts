import { setImmediate } from "node:timers/promises";
import { equalBytes } from "../../base/bytes.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import type { Index } from "../../index/index.ts";
import type { PageSummary } from "../../index/pages.ts";
import type { Entry } from "../../model/entry.ts";
import { decodePage } from "../../model/page.ts";
import { displayPath, type Path } from "../../model/path.ts";
import { S_IFREG, Stat } from "../../platform/stat.ts";
import { kindOf } from "../../scan/describe.ts";
import { PageScratch, splitStamps } from "../../scan/page_scratch.ts";
import type { Visited } from "../../scan/walk.ts";
import type { ReadOutcome } from "./messages.ts";
import { PageDraft } from "./page_draft.ts";
import type { PageStore } from "./page_store.ts";
import type { OnRead, ReadQueue } from "./read_queue.ts";

/** A change so soon after the last one may leave the times as they are: the kernel's clock for them ticks this slowly. */
const CLOCK_TICK_MS = 50;

/** What is told of a running scan. */
export interface ScanEvents {
  unreadable(path: Path, reason: string): void;
  skipped(path: Path, reason: string): void;
  changed(path: Path): void;
}

/** What the last backup knows of an entry. */
interface Known {
  readonly stamp: Uint8Array;
  readonly entry: Entry;
}

/** The first entry of a file that has several names. */
interface LinkedFile {
  readonly path: Path;
  state: "reading" | "kept" | "failed";
  readonly waiting: (() => void)[];
}

export interface BackupScanOptions {
  readonly snapshot: string;
  readonly now: () => number;
}

const decoder = new TextDecoder();

/** Compares what a walk visits with the last backup, page by page, and makes the pages of this one. */
export class BackupScan {
  readonly #index: Index;
  readonly #pages: PageStore;
  readonly #queue: ReadQueue;
  readonly #events: ScanEvents;
  readonly #options: BackupScanOptions;
  readonly #scratch = new PageScratch();
  readonly #stat = new Stat();
  readonly #linked = new Map<string, LinkedFile>();
  /** In order; a place is kept for each page that is still being made. */
  readonly #sequence: (PageSummary | undefined)[] = [];
  readonly #withLists: Promise<void>[] = [];
  #hasLinks = false;
  #open = 0;
  readonly #ready: { readonly draft: PageDraft; readonly seat: number }[] = [];
  #keeping: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  entriesFound = 0;
  entriesDone = 0;
  bytesFound = 0;
  bytesDone = 0;
  filesRead = 0;

  constructor(
    index: Index,
    pages: PageStore,
    queue: ReadQueue,
    events: ScanEvents,
    options: BackupScanOptions,
  ) {
    this.#index = index;
    this.#pages = pages;
    this.#queue = queue;
    this.#events = events;
    this.#options = options;
  }

  /** Takes the next entry of the walk. True at the end of a page: the caller then awaits {@link endPage}. */
  visit(visited: Visited): boolean {
    const { stat } = visited;
    if (kindOf(stat) === undefined) {
      this.#events.skipped(visited.path, "it is a socket");
      return false;
    }
    this.entriesFound++;
    if (stat.type === S_IFREG) {
      this.bytesFound += stat.size;
      if (stat.linkCount > 1) this.#hasLinks = true;
    }
    return this.#scratch.add(visited);
  }

  /** Ends a page: keeps the one of the last backup where nothing changed, else begins a new one. */
  async endPage(): Promise<void> {
    const scratch = this.#scratch;
    if (scratch.paths.length === 0) return;
    if (this.#failure !== undefined) throw this.#failure.error;
    const unchanged = this.#index.pages.unchanged(this.#options.snapshot, scratch.paths[0], scratch.stamps());
    if (unchanged === undefined || (this.#hasLinks && !this.#linksStay(unchanged))) await this.#draft();
    else {
      this.#sequence.push(unchanged);
      this.entriesDone += unchanged.entries;
      this.bytesDone += unchanged.bytes;
    }
    this.#hasLinks = false;
    scratch.clear();
  }

  /** Resolves when every file was read; `storeAll` then brings what is in memory to the store. */
  async finish(storeAll: () => Promise<void>): Promise<PageSummary[]> {
    await this.endPage();
    await this.#queue.finish(this.#onRead);
    await storeAll();
    await this.#settle();
    await Promise.all(this.#withLists);
    await this.#pages.flush();
    await this.#settle();
    if (this.#open > 0) throw new Error(`${this.#open} pages were never finished`);
    return this.#sequence.filter((page) => page !== undefined);
  }

  async #draft(): Promise<void> {
    const seat = this.#sequence.push(undefined) - 1;
    this.#open++;
    const draft = new PageDraft(this.#scratch, (complete) => this.#complete(complete, seat));
    const known = this.#known(draft.paths);
    for (let i = 0; i < draft.paths.length; i++) {
      const old = known.get(draft.paths[i]);
      if (
        old !== undefined && equalBytes(old.stamp, this.#scratch.stamp(i)) && this.#linkStays(i, old.entry)
      ) {
        draft.keep(i, old.entry);
        this.bytesDone += old.entry.hardlink === undefined ? old.entry.size ?? 0 : 0;
      } else await this.#renew(draft, i);
    }
    draft.arrived();
  }

  /** Entries of the last backup between the first and the last of these. */
  #known(paths: readonly Path[]): Map<Path, Known> {
    const known = new Map<Path, Known>();
    const pages = this.#index.pages.overlapping(this.#options.snapshot, paths[0], paths[paths.length - 1]);
    for (const page of pages) {
      const entries = this.#decode(page.frame, page.length);
      const stamps = splitStamps(page.stamps);
      entries.forEach((entry, i) => known.set(entry.path, { stamp: stamps[i], entry }));
    }
    return known;
  }

  #decode(frame: Uint8Array, length: number): Entry[] {
    return decodePage(decoder.decode(decompressFrame(frame, length)));
  }

  /**
   * Whether the linked files of an unchanged page are still what they were: the directory with the first name of a file may
   * have moved or been left out, which changes nothing about the file.
   */
  #linksStay({ number, length }: PageSummary): boolean {
    const entries = this.#decode(this.#index.pages.frame(number), length);
    return entries.every((entry, i) => this.#linkStays(i, entry));
  }

  /** Whether entry `i`, unchanged since the last backup, is still the first name of its file, or one more name of the same one. */
  #linkStays(i: number, entry: Entry): boolean {
    const linked = this.#noteLink(i);
    if (linked === undefined) return true;
    if (linked.path === this.#scratch.paths[i]) return entry.hardlink === undefined;
    return entry.hardlink === linked.path && linked.state === "kept";
  }

  /** Entry `i` is new or has changed. */
  async #renew(draft: PageDraft, i: number): Promise<void> {
    const stat = this.#stat.load(draft.stat(i));
    if (this.#options.now() - stat.ctimeMs < CLOCK_TICK_MS) draft.distrust(i);
    if (stat.type !== S_IFREG) return;
    const { size } = stat;
    const linked = this.#noteLink(i);
    if (linked !== undefined && linked.path !== draft.paths[i]) return this.#link(draft, i, linked);
    if (linked !== undefined && size > 0) linked.state = "reading";
    if (size === 0) return;
    draft.wait();
    await this.#queue.add(draft, i, size, this.#onRead);
  }

  /** For a file with several names: the first of them in this walk. */
  #noteLink(i: number): LinkedFile | undefined {
    const stat = this.#stat.load(this.#scratch.stat(i));
    if (stat.type !== S_IFREG || stat.linkCount < 2) return undefined;
    const key = linkKey(stat);
    let linked = this.#linked.get(key);
    if (linked === undefined) {
      linked = { path: this.#scratch.paths[i], state: "kept", waiting: [] };
      this.#linked.set(key, linked);
    }
    return linked;
  }

  /** Entry `i` is another name of a file met before; it is kept only if that one is. */
  #link(draft: PageDraft, i: number, first: LinkedFile): void {
    draft.links.set(i, first.path);
    const settle = () => {
      if (first.state !== "failed") return;
      draft.omit(i);
      this.#events.unreadable(draft.paths[i], `it is the same file as "${displayPath(first.path)}"`);
    };
    if (first.state !== "reading") return settle();
    draft.wait();
    first.waiting.push(() => {
      settle();
      draft.arrived();
    });
  }

  readonly #onRead: OnRead = (draft, i, outcome) => {
    const stat = this.#stat.load(draft.stat(i));
    const key = stat.linkCount > 1 ? linkKey(stat) : undefined;
    this.bytesDone += stat.size;
    if (outcome !== undefined) this.#note(draft, i, outcome);
    if (!draft.isOmitted(i)) this.filesRead++;
    draft.arrived();
    if (key !== undefined) settleLink(this.#linked.get(key)!, draft.isOmitted(i));
  };

  #note(draft: PageDraft, i: number, outcome: ReadOutcome): void {
    if (outcome.unreadable !== undefined) {
      if (!outcome.vanished) this.#events.unreadable(draft.paths[i], outcome.unreadable);
      return draft.omit(i);
    }
    draft.outcomes.set(i, outcome);
    if (outcome.changed) this.#events.changed(draft.paths[i]);
    if (outcome.changed || outcome.stat !== undefined) draft.distrust(i);
  }

  #complete(draft: PageDraft, seat: number): void {
    const long = this.#pages.unlisted(draft);
    if (long.length > 0) return void this.#withLists.push(this.#pages.list(draft, long));
    this.#ready.push({ draft, seat });
    this.#keeping ??= this.#keepReady().catch((error) => void (this.#failure ??= { error }));
  }

  /** Makes pages of the drafts that are complete, one at a time: readers wait for answers meanwhile. */
  async #keepReady(): Promise<void> {
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      const { draft, seat } = next;
      this.#sequence[seat] = this.#pages.keep(this.#options.snapshot, draft);
      this.entriesDone += draft.paths.length;
      draft.free();
      this.#open--;
      await setImmediate();
    }
    this.#keeping = undefined;
  }

  /** Resolves when no complete draft is left. Throws where one could not be kept. */
  async #settle(): Promise<void> {
    await this.#keeping;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function linkKey(stat: Stat): string {
  return `${stat.fileSystem}:${stat.inode}`;
}

function settleLink(linked: LinkedFile, isLost: boolean): void {
  linked.state = isLost ? "failed" : "kept";
  linked.waiting.splice(0).forEach((callback) => callback());
}
