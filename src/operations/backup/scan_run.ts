import { rulesOf } from "../../model/selection.ts";
import { setImmediate } from "node:timers/promises";
import type { Index } from "../../index/index.ts";
import type { FinishedBackup, LastBackup, PageSummary } from "../../index/known_page.ts";
import { type RootState, suspicions } from "../../model/guard.ts";
import { cutPageLists } from "../../model/page_refs.ts";
import { displayPath, type Path, typedPath } from "../../model/path.ts";
import type { Event } from "../../report/events.ts";
import { type DirtyPaths, dirtyTree } from "../../scan/dirty_tree.ts";
import { compileExcludes } from "../../scan/exclude.ts";
import { StreamEntries } from "../../scan/stream_entries.ts";
import type { Visited, WalkOptions } from "../../scan/visited.ts";
import { outermost } from "../../scan/roots.ts";
import { walk } from "../../scan/walk.ts";
import { walkChanges } from "../../scan/walk_changes.ts";
import { collectGarbage, giveMemoryBack } from "../../platform/memory.ts";
import type { Totals } from "../../model/snapshot.ts";
import type { Changes, FileChanges } from "./options.ts";
import { BackupScan } from "./backup_scan.ts";
import { changedExcludes, changedExcludesText } from "./changed_excludes.ts";
import { ChangeMerge } from "./change_merge.ts";
import { EarlierPages } from "./earlier_pages.ts";
import { Findings } from "./findings.ts";
import { FoundRoots } from "./found_roots.ts";
import { KnownPages } from "./known_pages.ts";
import type { ScanOptions, ScanResult } from "./messages.ts";
import { type RootsSeen, statesOfRoots, warnOfEmpty } from "./root_findings.ts";
import { ScanProgress } from "./scan_progress.ts";
import { ChangedEntries, type ChangedPages } from "../../write/changed_entries.ts";
import type { PageParts, PageStore } from "../../write/page_store.ts";
import type { ReadQueue } from "./read_queue.ts";
import { blobParts, locatePages, type SnapshotParts, totalsOf } from "../../write/snapshot_parts.ts";
import { TouchedLinks } from "./touched_links.ts";

/** A scan of changes is made again where it meets files whose other names it has not looked at. */
const CHANGE_SCANS = 3;
/** A run that has read so much has garbage that is worth looking for before the pages are written. */
const MUCH_READ_BYTES = 256 * 1024 * 1024;

export interface ScanTools {
  readonly index: Index;
  readonly queue: ReadQueue;
  readonly report: (event: Event) => void;
  /** Brings what readers have in memory to the store. */
  readonly storeAll: () => Promise<void>;
  readonly pageStore: (parts: PageParts) => PageStore;
}

/** The scan of one backup: of all, or of what has changed. */
export class ScanRun {
  readonly #tools: ScanTools;
  readonly #options: ScanOptions;
  readonly #findings: Findings;
  readonly #pages: PageStore;
  readonly #walk: WalkOptions;
  readonly #found: FoundRoots;
  readonly #streams: StreamEntries;
  readonly #roots: readonly Path[];
  readonly #last: LastBackup | undefined;
  readonly #known: KnownPages;
  readonly #leftOut = new Set<Path>();
  #unsettled: readonly Path[] = [];
  /** What the paths held in the last backup that was not suspicious. */
  readonly #good: readonly RootState[] | undefined;
  readonly #progress: ScanProgress;
  /** What has changed since the last backup. */
  #changes: ChangedEntries | undefined;
  #filesRead = 0;
  #filesNew = 0;
  #filesChanged = 0;

  constructor(tools: ScanTools, options: ScanOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#findings = new Findings(tools.report);
    const onUnreadable = (path: Path, reason: string) => this.#findings.unreadable(path, reason);
    const { streams } = options;
    this.#found = new FoundRoots(options.roots, onUnreadable, options.aliases);
    const { aliases } = this.#found;
    const stored = aliases.map(({ stored }) => stored);
    this.#streams = new StreamEntries(streams.paths.map(typedPath), streams.timeMs, stored);
    this.#pages = tools.pageStore({ events: this.#findings, streams: this.#streams, aliases });
    tools.queue.aliases = aliases;
    this.#roots = this.#found.roots;
    this.#last = tools.index.pages.last(options.name);
    const expected = this.#last && totalsOf(this.#last.pages);
    this.#progress = new ScanProgress({ ...tools, now: Date.now }, this.#findings, expected);
    this.#good = options.guard === undefined ? undefined : tools.index.guards.good(options.name);
    this.#known = new KnownPages(tools.index.pages, this.#last?.pages ?? []);
    this.#walk = {
      isExcluded: this.#streams.excludedBeside(compileExcludes(options.exclude)),
      ...rulesOf(options),
      ...aliases.length === 0 ? {} : { aliases },
      onUnreadable,
      onExcluded: () => void this.#findings.excluded++,
      onSkipped: (path, reason) => this.#findings.skipped(path, reason),
    };
  }

  /** Its result, and what the index is to keep once it is published. */
  async run(): Promise<{ result: ScanResult; finished: FinishedBackup; roots: readonly RootState[] }> {
    this.#found.tell(this.#tools.report);
    this.#tellOfExcludes();
    const changed = await this.#scanChanges();
    const sequence = changed ?? await this.#scanAll();
    this.#found.check(this.#options.name, this.#findings, this.#options.streams.paths.map(typedPath));
    if (this.#tools.queue.bytesNew >= MUCH_READ_BYTES) {
      collectGarbage();
      giveMemoryBack();
    }
    const changes = this.#changes?.pages(this.#last!.pages, sequence);
    const pagesNew = await this.#pages.bring(sequence, changes && [changes.before.text, changes.after.text]);
    const parts = await this.#parts(sequence, changes);
    const seen = this.#rootsSeen();
    const roots = statesOfRoots(seen, sequence);
    if (changed === undefined) warnOfEmpty(seen, sequence, roots, this.#tools.report);
    const scanned = changed === undefined ? "all" : "changes";
    const result = { ...parts, pagesNew, scanned, ...this.#outcome(roots, parts.totals, scanned) } as const;
    return { result, finished: this.#finished(sequence), roots };
  }

  #rootsSeen(): RootsSeen {
    const { index: { pages: index } } = this.#tools;
    const streams = this.#options.streams.paths.map(typedPath);
    return { index, asked: this.#found.asked, streams, findings: this.#findings, good: this.#good };
  }

  /** What is said of the files. */
  #outcome(roots: readonly RootState[], totals: Totals, scanned: ScanResult["scanned"]) {
    const { guard } = this.#options;
    const { unreadableFiles, changedFiles, lostAttributes, excluded } = this.#findings;
    const { bytesRead, bytesNew, growth } = this.#tools.queue;
    return {
      filesRead: this.#filesRead,
      bytesRead,
      bytesNew,
      growth: growth.largest(),
      fileChanges: this.#fileChanges(totals),
      excluded: scanned === "all" ? excluded : undefined,
      suspicions: guard === undefined ? [] : suspicions(this.#good ?? [], roots, guard),
      unreadable: [...unreadableFiles].map(([path, reason]) => ({ path: displayPath(path), reason })),
      changedWhileRead: changedFiles.size,
      lostAttributes,
    };
  }

  /** What the index is to keep. */
  #finished(sequence: readonly PageSummary[]): FinishedBackup {
    return {
      selection: this.#selection(),
      pages: sequence.map((page) => page.number),
      unsettled: this.#unsettled,
      leftOut: [...new Set([...this.#leftOut, ...this.#findings.unreadableFiles.keys()])],
    };
  }

  #fileChanges({ files }: Totals): FileChanges | undefined {
    if (this.#last === undefined) return undefined;
    const before = totalsOf(this.#last.pages).files;
    const [added, changed] = [this.#filesNew, this.#filesChanged];
    return { before, new: added, changed, gone: Math.max(0, before + added - files) };
  }

  async #parts(sequence: readonly PageSummary[], changes?: ChangedPages): Promise<SnapshotParts> {
    const { index } = this.#tools;
    const located = locatePages(index, sequence);
    const { lists, tail: pages } = cutPageLists(located);
    const pageLists = await this.#pages.bringLists(lists);
    const recorded = changes === undefined ? [] : locatePages(index, [changes.before, changes.after]);
    const blobs = blobParts(index, sequence, [...located, ...pageLists, ...recorded]);
    const [before, after] = recorded;
    return {
      ...{ ...blobs, pageLists, pages, totals: totalsOf(sequence) },
      ...before && after && { changes: { since: this.#last!.id, before, after } },
    };
  }

  #selection(): string {
    const { exclude } = this.#options;
    const streams = this.#streams.size === 0 ? undefined : this.#streams.paths;
    return JSON.stringify({ roots: this.#roots, exclude, ...rulesOf(this.#options), streams });
  }

  /** Files that are silently left out from now on would be missed at a restore. */
  #tellOfExcludes(): void {
    if (this.#last === undefined || this.#last.selection === this.#selection()) return;
    const { exclude: before } = JSON.parse(this.#last.selection) as { readonly exclude: readonly string[] };
    const { name, exclude: now } = this.#options;
    const found = changedExcludes({ before, now, roots: this.#roots, paths: this.#known.paths() });
    if (found === undefined) return;
    const { files } = found;
    this.#tools.report({ kind: files > 0 ? "warning" : "note", text: changedExcludesText(name, found) });
  }

  async #scanAll(): Promise<PageSummary[]> {
    this.#findings.excluded = 0;
    const scan = this.#newScan(() => true);
    const visit = (visited: Visited) => scan.visit(visited);
    const pageEnds = this.#streams.size === 0
      ? walk(this.#roots, this.#walk, visit)
      : this.#streams.among(walk(this.#roots, this.#walk), this.#walk.onUnreadable).filter(visit);
    for (const _ of pageEnds) await this.#endPage(scan);
    return await this.#finish(scan);
  }

  /** `undefined` where everything has to be scanned. */
  async #scanChanges(): Promise<PageSummary[] | undefined> {
    const { changes } = this.#options;
    const last = this.#last;
    // What is mounted somewhere for the time of a backup cannot be watched.
    if (this.#found.aliases.length > 0) return undefined;
    if (changes === undefined || last?.selection !== this.#selection()) return undefined;
    const names = new Set<Path>();
    let whole: ReadonlySet<bigint> = new Set();
    for (let count = 0; count < CHANGE_SCANS; count++) {
      const links = new TouchedLinks();
      const dirty = dirtyPaths(changes, last, [...names, ...this.#streams.paths]);
      const sequence = await this.#scanDirty(dirty, whole, links);
      if ([...links.inodes].every((inode) => whole.has(inode))) return sequence;
      whole = whole.union(links.inodes);
      links.names(this.#known).forEach((name) => names.add(name));
    }
    return undefined;
  }

  async #scanDirty(
    dirty: DirtyPaths,
    whole: ReadonlySet<bigint>,
    links: TouchedLinks,
  ): Promise<PageSummary[]> {
    const hasAllNames = (inode: bigint) => whole.has(inode);
    const scan = this.#newScan(hasAllNames);
    const known = this.#known;
    const endPage = () => this.#endPage(scan);
    const merge = new ChangeMerge({ known, scan, links, hasAllNames, endPage });
    const tree = dirtyTree(outermost(this.#roots), dirty, (path) => known.has(path));
    const steps = walkChanges(this.#roots, tree, { ...this.#walk, knownStamp: () => merge.knownStamp });
    for (const step of this.#streams.among(steps, this.#walk.onUnreadable)) await merge.add(step);
    await merge.finish();
    return await this.#finish(scan);
  }

  #newScan(hasAllNames: (inode: bigint) => boolean): BackupScan {
    const { index, queue } = this.#tools;
    // Of which snapshot it is, an older program did not note.
    this.#changes = this.#last?.id ? new ChangedEntries() : undefined;
    const scan = new BackupScan(index, this.#pages, queue, this.#findings, {
      snapshot: this.#options.name,
      now: Date.now,
      hasAllNames,
      earlier: new EarlierPages(index.pages, this.#options.name, this.#known),
      streams: this.#streams,
      changes: this.#changes,
    });
    queue.onProgress = () => this.#progress.step(scan.counts);
    return scan;
  }

  async #endPage(scan: BackupScan): Promise<void> {
    await scan.endPage();
    // Claims of the readers are answered between pages.
    await setImmediate();
    this.#progress.step(scan.counts);
  }

  async #finish(scan: BackupScan): Promise<PageSummary[]> {
    const sequence = await scan.finish(this.#tools.storeAll);
    this.#progress.tell(scan.counts, true);
    this.#filesRead += scan.counts.filesRead;
    this.#filesNew += scan.counts.filesNew;
    this.#filesChanged += scan.counts.filesChanged;
    this.#unsettled = scan.unsettled;
    for (const path of scan.omitted) this.#leftOut.add(path);
    return sequence;
  }
}

/** What was left out or is in doubt is looked at again whatever has changed. */
function dirtyPaths(changes: Changes, last: LastBackup, names: readonly Path[]): DirtyPaths {
  return {
    directories: changes.directories,
    subtrees: [...changes.subtrees, ...last.leftOut],
    entries: [...last.unsettled, ...names],
  };
}
