import { rulesOf } from "../../model/selection.ts";
import { setImmediate } from "node:timers/promises";
import type { Index } from "../../index/index.ts";
import type { FinishedBackup, LastBackup, PageSummary } from "../../index/pages.ts";
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
import { type Asked, FoundRoots, whyEmpty } from "./found_roots.ts";
import { KnownPages } from "./known_pages.ts";
import type { ScanOptions, ScanResult } from "./messages.ts";
import { isEmptyDirectory, rootStates, streamStates } from "./root_states.ts";
import type { PageParts, PageStore } from "../../write/page_store.ts";
import type { ReadQueue } from "./read_queue.ts";
import { blobParts, locatePages, type SnapshotParts, totalsOf } from "../../write/snapshot_parts.ts";
import { TouchedLinks } from "./touched_links.ts";

const PROGRESS_EVERY_MS = 100;
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
  /** As much as the last time. */
  readonly #expected: { readonly entries: number; readonly bytes: number } | undefined;
  #filesRead = 0;
  #filesNew = 0;
  #filesChanged = 0;
  #reported = Date.now();

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
    this.#expected = this.#last && expectedOf(totalsOf(this.#last.pages));
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
    const pagesNew = await this.#pages.bring(sequence);
    const parts = await this.#parts(sequence);
    const unreadable = [...this.#findings.unreadableFiles];
    const roots = this.#rootStates(sequence);
    if (changed === undefined) this.#warnOfEmpty(sequence, roots);
    const result = {
      ...parts,
      pagesNew,
      scanned: changed === undefined ? "all" : "changes",
      filesRead: this.#filesRead,
      bytesRead: this.#tools.queue.bytesRead,
      bytesNew: this.#tools.queue.bytesNew,
      growth: this.#tools.queue.growth.largest(),
      fileChanges: this.#fileChanges(parts.totals),
      excluded: changed === undefined ? this.#findings.excluded : undefined,
      suspicions: this.#options.guard === undefined
        ? []
        : suspicions(this.#good ?? [], roots, this.#options.guard),
      unreadable: unreadable.map(([path, reason]) => ({ path: displayPath(path), reason })),
      changedWhileRead: this.#findings.changedFiles.size,
      lostAttributes: this.#findings.lostAttributes,
    } as const;
    const finished = {
      selection: this.#selection(),
      pages: sequence.map((page) => page.number),
      unsettled: this.#unsettled,
      leftOut: [...new Set([...this.#leftOut, ...this.#findings.unreadableFiles.keys()])],
    };
    return { result, finished, roots };
  }

  /** A path that could not be looked at is what it was: that it is unreadable is said. */
  #rootStates(sequence: readonly PageSummary[]): RootState[] {
    const { pages } = this.#tools.index;
    const streams = this.#options.streams.paths.map(typedPath)
      .map((path): Asked => ({ asked: path, path, links: [] }));
    const isThere = (root: Asked) => !this.#isLost(root);
    const lost = [...this.#found.asked, ...streams].filter((root) => this.#isLost(root));
    const before = this.#good?.filter(({ path }) => lost.some(({ asked }) => asked === path)) ?? [];
    return [
      ...rootStates(pages, sequence, this.#found.asked.filter(isThere)),
      ...streamStates(pages, sequence, streams.filter(isThere)),
      ...before,
    ];
  }

  #isLost({ asked, path }: Asked): boolean {
    const { unreadableFiles } = this.#findings;
    return unreadableFiles.has(asked) || unreadableFiles.has(path);
  }

  #fileChanges({ files }: Totals): FileChanges | undefined {
    if (this.#last === undefined) return undefined;
    const before = totalsOf(this.#last.pages).files;
    const [added, changed] = [this.#filesNew, this.#filesChanged];
    return { before, new: added, changed, gone: Math.max(0, before + added - files) };
  }

  async #parts(sequence: readonly PageSummary[]): Promise<SnapshotParts> {
    const { index } = this.#tools;
    const located = locatePages(index, sequence);
    const { lists, tail: pages } = cutPageLists(located);
    const pageLists = await this.#pages.bringLists(lists);
    const blobs = blobParts(index, sequence, [...located, ...pageLists]);
    return { ...blobs, pageLists, pages, totals: totalsOf(sequence) };
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

  /** Of a path that held files before, the snapshot is suspicious, which is said at its end. */
  #warnOfEmpty(sequence: readonly PageSummary[], found: readonly RootState[]): void {
    const files = (states: readonly RootState[] | undefined, { asked }: Asked) =>
      states?.find(({ path }) => path === asked)?.files ?? 0;
    for (const root of this.#found.asked) {
      if (this.#isLost(root) || files(found, root) > 0 || files(this.#good, root) > 0) continue;
      if (!isEmptyDirectory(this.#tools.index.pages, sequence, root.path)) continue;
      this.#tools.report({ kind: "warning", text: whyEmpty(root) });
    }
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
    const scan = new BackupScan(index, this.#pages, queue, this.#findings, {
      snapshot: this.#options.name,
      now: Date.now,
      hasAllNames,
      earlier: new EarlierPages(index.pages, this.#options.name, this.#known),
      streams: this.#streams,
    });
    queue.onProgress = () => this.#progressNow(scan);
    return scan;
  }

  async #endPage(scan: BackupScan): Promise<void> {
    await scan.endPage();
    // Claims of the readers are answered between pages.
    await setImmediate();
    this.#progressNow(scan);
  }

  #progressNow(scan: BackupScan): void {
    if (Date.now() - this.#reported < PROGRESS_EVERY_MS) return;
    this.#reported = Date.now();
    this.#progress(scan, false);
  }

  async #finish(scan: BackupScan): Promise<PageSummary[]> {
    const sequence = await scan.finish(this.#tools.storeAll);
    this.#progress(scan, true);
    this.#filesRead += scan.filesRead;
    this.#filesNew += scan.filesNew;
    this.#filesChanged += scan.filesChanged;
    this.#unsettled = scan.unsettled;
    for (const path of scan.omitted) this.#leftOut.add(path);
    return sequence;
  }

  #progress(scan: BackupScan, allKnown: boolean): void {
    const { queue } = this.#tools;
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "backup",
        entriesDone: scan.entriesDone,
        entriesRead: Math.max(scan.entriesDone, scan.filesRead),
        entriesFound: scan.entriesFound,
        bytesDone: Math.min(scan.bytesFound, scan.bytesDone + queue.bytesBeingRead),
        bytesFound: scan.bytesFound,
        allKnown,
        expected: this.#expected,
        bytesNew: queue.bytesNew,
        path: queue.path === undefined ? undefined : displayPath(queue.path),
        bytesTransferred: 0,
        errors: this.#findings.unreadableFiles.size,
      },
    });
  }
}

function expectedOf({ files, directories, others, bytes }: Totals) {
  return { entries: files + directories + others, bytes };
}

/** What was left out or is in doubt is looked at again whatever has changed. */
function dirtyPaths(changes: Changes, last: LastBackup, names: readonly Path[]): DirtyPaths {
  return {
    directories: changes.directories,
    subtrees: [...changes.subtrees, ...last.leftOut],
    entries: [...last.unsettled, ...names],
  };
}
