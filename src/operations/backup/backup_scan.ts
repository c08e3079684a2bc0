import { DamagedIndexError } from "../../base/errors.ts";
import type { Index } from "../../index/index.ts";
import type { LastPage, PageSummary } from "../../index/known_page.ts";
import type { PageLine } from "../../model/page_line.ts";
import { type Path, sortKey } from "../../model/path.ts";
import { S_IFREG, Stat } from "../../platform/stat.ts";
import { kindOf } from "../../scan/describe.ts";
import { PageScratch } from "../../scan/page_scratch.ts";
import type { StampedEntry } from "../../scan/page_stamps.ts";
import { mayChangeUnseen } from "../../scan/stamp.ts";
import type { StreamEntries } from "../../scan/stream_entries.ts";
import type { Visited } from "../../scan/visited.ts";
import { type EarlierPages, pageLines } from "./earlier_pages.ts";
import { GoneEntries } from "./gone_entries.ts";
import { isSameFile, type LinkedFile, LinkedFiles } from "./linked_files.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";
import type { ChangedEntries } from "../../write/changed_entries.ts";
import type { PageDraft } from "../../write/page_draft.ts";
import type { PageStore } from "../../write/page_store.ts";
import { PageSequence } from "./page_sequence.ts";
import { ScanCounts } from "./scan_counts.ts";
import type { OnRead, ReadQueue } from "./read_queue.ts";
import type { ScanEvents } from "../../scan/scan_events.ts";

export interface BackupScanOptions {
  readonly snapshot: string;
  readonly now: () => number;
  /** Of which files with several names all are visited; of others, names that look unchanged are what they were. */
  readonly hasAllNames: (inode: bigint) => boolean;
  readonly earlier: EarlierPages;
  readonly streams: StreamEntries;
  /** Where there is a last backup. */
  readonly changes?: ChangedEntries;
}

/** Compares what a walk visits with the last backup, page by page, and makes the pages of this one. */
export class BackupScan {
  readonly #index: Index;
  readonly #sequence: PageSequence;
  readonly #queue: ReadQueue;
  readonly #events: ScanEvents;
  readonly #options: BackupScanOptions;
  readonly #scratch = new PageScratch();
  readonly #stat = new Stat();
  /** Of a file when it was read. */
  readonly #read = new Stat();
  readonly #linked = new LinkedFiles();
  readonly #gone: GoneEntries;
  /** Contents met since the last page ended, but for what is to be read. */
  #pageBytes = 0;
  /** When the first entry since then was looked at. */
  #lookedMs: number | undefined;
  readonly counts = new ScanCounts();

  constructor(
    index: Index,
    pages: PageStore,
    queue: ReadQueue,
    events: ScanEvents,
    options: BackupScanOptions,
  ) {
    this.#index = index;
    this.#sequence = new PageSequence(
      pages,
      options.snapshot,
      (entries) => this.counts.entriesDone += entries,
      options.changes,
    );
    this.#queue = queue;
    this.#events = events;
    this.#options = options;
    this.#gone = new GoneEntries(options.earlier, options.changes);
  }

  /** Entries that may have changed again without a trace. */
  get unsettled(): readonly Path[] {
    return this.#sequence.unsettled;
  }

  /** Entries that were met but are not in their page. */
  get omitted(): readonly Path[] {
    return this.#sequence.omitted;
  }

  /** Takes the next entry of the walk. True at the end of a page: the caller then awaits {@link endPage}. */
  visit(visited: Visited): boolean {
    const { stat } = visited;
    if (kindOf(stat) === undefined) {
      this.#events.skipped(visited.path, "it is a socket");
      return false;
    }
    this.#lookedMs ??= this.#options.now();
    this.counts.entriesFound++;
    if (stat.type === S_IFREG) {
      this.counts.bytesFound += stat.size;
      this.#pageBytes += stat.size;
    }
    return this.#scratch.add(visited);
  }

  /** As {@link visit}, of an entry of the last backup that is as it was. */
  addUnseen(entry: StampedEntry, isLinked: boolean): boolean {
    this.counts.entriesFound++;
    return this.#scratch.addUnseen(entry, isLinked);
  }

  /** Whether the next entry begins a page. */
  get isBetweenPages(): boolean {
    return this.#scratch.paths.length === 0;
  }

  /** Keeps a whole page of the last backup, of which every entry is as it was. Only between pages. */
  keepPage(page: LastPage): void {
    this.#gone.pageFrom(page.firstKey, page.lastKey);
    this.#sequence.add(page);
    this.counts.entriesFound += page.entries;
    this.counts.entriesDone += page.entries;
  }

  /** Ends a page: keeps the one of the last backup where nothing changed, else begins a new one. */
  async endPage(): Promise<void> {
    const scratch = this.#scratch;
    if (scratch.paths.length === 0) return;
    this.#sequence.check();
    this.#gone.pageFrom(sortKey(scratch.paths[0]!), sortKey(scratch.paths.at(-1)!));
    const unchanged = this.#index.pages.unchanged(
      this.#options.snapshot,
      scratch.paths[0]!,
      scratch.stamps(),
    );
    if (unchanged === undefined || (scratch.linked.length > 0 && !this.#linksStay(unchanged))) {
      await this.#draft();
    } else {
      this.#sequence.add(unchanged);
      this.counts.entriesDone += unchanged.entries;
    }
    this.counts.bytesDone += this.#pageBytes;
    this.#pageBytes = 0;
    this.#lookedMs = undefined;
    scratch.clear();
  }

  /** Resolves when every file was read; `storeAll` then brings what is in memory to the store. */
  async finish(storeAll: () => Promise<void>): Promise<PageSummary[]> {
    await this.endPage();
    this.#gone.finish();
    await this.#queue.finish(this.#onRead);
    await storeAll();
    return await this.#sequence.finish();
  }

  async #draft(): Promise<void> {
    const draft = this.#sequence.draft(this.#scratch);
    const known = this.#unchanged(draft);
    const linked = new Set(this.#scratch.linked);
    for (let i = 0; i < draft.paths.length; i++) {
      const old = known[i];
      if (old !== undefined && (!linked.has(i) || this.#linkStays(i, old))) draft.keep(i, old);
      else {
        if (old !== undefined) this.#options.changes?.was(old);
        const busy = this.#renew(draft, i);
        if (busy !== undefined) await busy;
      }
    }
    draft.arrived();
  }

  /** What the last backup, or an interrupted one since then, says of the entries that have their stamps in the draft too. */
  #unchanged(draft: PageDraft): (PageLine | undefined)[] {
    const { paths } = draft;
    const { earlier, changes } = this.#options;
    const unchanged = new Array<PageLine | undefined>(paths.length);
    for (const { entries, lines, isLast } of earlier.between(paths[0]!, paths.at(-1)!)) {
      if (!isLast) changes?.giveUp();
      let at = 0;
      for (let i = 0; i < entries.length && at < paths.length; i++) {
        at = positionOf(entries[i]!.path, paths, at);
        if (paths[at] !== entries[i]!.path) {
          if (at > 0 && at < paths.length) changes?.was(lines[i]!);
          continue;
        }
        if (draft.hasStamp(at, entries[i]!)) unchanged[at++] = lines[i];
        else {
          draft.changed.add(at);
          changes?.was(lines[i]!);
        }
      }
    }
    return unchanged;
  }

  /**
   * Whether the linked files of an unchanged page are still what they were: the directory with the first name of a file may
   * have moved or been left out, which changes nothing about the file.
   */
  #linksStay({ number, length }: PageSummary): boolean {
    const lines = pageLines(this.#index.pages.frame(number), length);
    return this.#scratch.linked.every((i) => this.#linkStays(i, lines[i]!));
  }

  /** Whether entry `i`, unchanged since the last backup, is still the first name of its file, or one more name of the same one. */
  #linkStays(i: number, line: PageLine): boolean {
    const stat = this.#scratch.loadStat(i, this.#stat);
    if (stat.linkCount < 2 || !this.#options.hasAllNames(stat.inode)) return true;
    const linked = this.#linked.note(stat, this.#scratch.paths[i]!);
    if (linked === undefined) return true;
    const { hardlink } = line.decode();
    if (linked.path === this.#scratch.paths[i]) return hardlink === undefined;
    return hardlink === linked.path && linked.state === "kept";
  }

  /** Entry `i` is new or has changed. What to wait for, if anything, before the next. */
  #renew(draft: PageDraft, i: number): Promise<void> | undefined {
    const stat = draft.loadStat(i, this.#stat);
    if (stat.type === 0) {
      throw new DamagedIndexError(`The index has stamps but no entry for "${draft.paths[i]}"`);
    }
    const stream = this.#options.streams.numberOf(draft.paths[i]!);
    if (stream !== undefined) {
      draft.wait();
      return this.#queue.addStream(draft, i, stream, this.#onRead);
    }
    if (mayChangeUnseen(stat.ctimeMs, this.#lookedMs!)) draft.distrust(i);
    if (stat.type !== S_IFREG) return undefined;
    const { size } = stat;
    this.#pageBytes -= size;
    const linked = this.#linked.note(stat, draft.paths[i]!);
    draft.wait();
    if (linked !== undefined && linked.path !== draft.paths[i]) {
      this.#link(draft, i, linked, size);
      return undefined;
    }
    if (linked !== undefined) linked.state = "reading";
    return this.#queue.add(draft, i, size, this.#onRead);
  }

  /** Entry `i` is another name of a file met before, and takes the place of the first name where that is lost. */
  #link(draft: PageDraft, i: number, linked: LinkedFile, size: number): void {
    switch (linked.state) {
      case "reading":
        linked.waiting.push(() => this.#link(draft, i, linked, size));
        break;
      case "kept":
        draft.linkedTo.set(i, linked.path);
        this.#countFile(draft, i);
        draft.arrived();
        break;
      case "failed":
        linked.path = draft.paths[i]!;
        linked.state = "reading";
        this.#queue.addLater(draft, i, size);
    }
  }

  readonly #onRead: OnRead = (draft, i, outcome) => {
    const stat = draft.loadStat(i, this.#stat);
    this.counts.bytesDone += stat.size;
    if (outcome !== undefined) this.#note(draft, i, outcome);
    const isOmitted = draft.isOmitted(i);
    if (!isOmitted) {
      this.counts.filesRead++;
      this.#countFile(draft, i);
    }
    const isLost = isOmitted ||
      outcome?.stat !== undefined && !isSameFile(stat, this.#read.load(outcome.stat));
    this.#linked.settle(stat, isLost);
    draft.arrived();
  };

  #countFile(draft: PageDraft, i: number): void {
    if (draft.changed.has(i)) this.counts.filesChanged++;
    else this.counts.filesNew++;
  }

  #note(draft: PageDraft, i: number, outcome: ReadOutcome): void {
    if (outcome.unreadable !== undefined) {
      if (!outcome.vanished) this.#events.unreadable(draft.paths[i]!, outcome.unreadable);
      return draft.omit(i);
    }
    draft.outcomes.set(i, outcome);
    const { changed, length, stat, streamed = 0, lostXattrs = [] } = outcome;
    this.counts.bytesFound += streamed;
    this.counts.bytesDone += streamed;
    for (const { what, reason } of lostXattrs) this.#events.attributeLost(draft.paths[i]!, what, reason);
    if (changed) this.#events.changed(draft.paths[i]!);
    else if (length !== undefined) this.#events.otherLength(draft.paths[i]!, length);
    if (changed || length !== undefined || stat !== undefined) draft.distrust(i);
  }
}

/** Where `path` is among `paths`, or would be; they are in order, and it is not before the one at `from`. */
function positionOf(path: Path, paths: readonly Path[], from: number): number {
  if (paths[from] === path) return from;
  const key = sortKey(path);
  let at = from;
  while (at < paths.length && sortKey(paths[at]!) < key) at++;
  return at;
}
