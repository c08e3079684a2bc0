import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { ByteBudget } from "../../base/byte_budget.ts";
import { forEachParallel } from "../../base/parallel.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { collectGarbage, giveMemoryBack } from "../../platform/memory.ts";
import { blobName } from "../../model/names.ts";
import type { Remote } from "../../threads/rpc.ts";
import { WaitingDirectories } from "./waiting_directories.ts";
import type { Writers } from "./writers.ts";
import type { ContentsRequest, Differing, Listed, Loss, SharedOutcome, WriterApi } from "./messages.ts";
import { buffersOf } from "./file_rows.ts";
import type { OpenedSnapshot } from "./opened.ts";
import { Orphans } from "./orphans.ts";
import type { Tally } from "./tally.ts";
import { pageWith } from "./page_with.ts";
import { type PageRun, patchesOf, type SharedFile, textBytes, Window } from "./window.ts";

/** Stored bytes of page blobs that are fetched, or are read, at a time. */
const PAGES_BYTES = 16 * 1024 * 1024;
/**
 * Of what the threads have to do, so much may wait for memory to be fetched into. What has been given to a thread stays there: were it more, one
 * would have much to do at the end, and another nothing.
 */
const WAITING_BYTES = 16 * 1024 * 1024;
/** Chunks of a large file that are looked up at a time. */
const PARTS_AT_ONCE = 4096;
/** Text of pages that leaves garbage worth collecting. */
const REST_BYTES = 8 * 1024 * 1024;

export interface RunOptions {
  readonly opened: OpenedSnapshot;
  readonly writers: Writers;
  /** Blobs in work at a time, as far as their bytes allow. */
  readonly blobsAtOnce: number;
  readonly tally: Tally;
  /** Only find out what would be changed. */
  readonly dryRun: boolean;
  /** Whether what is there may be what an earlier run of this restore has left. */
  readonly isResumed: boolean;
}

/**
 * Restores runs of pages, one after the other. Of each, first all that needs no contents is made; then every blob that is wanted is
 * fetched once, and what is in it is written to all places at once; names and attributes of directories come last.
 */
export class WindowRun {
  readonly #opened: OpenedSnapshot;
  readonly #writers: Writers;
  readonly #blobsAtOnce: number;
  readonly #tally: Tally;
  readonly #orphans: Orphans;
  readonly #dryRun: boolean;
  readonly #isResumed: boolean;
  readonly #pagesInWork = new ByteBudget(PAGES_BYTES);
  readonly #directories = new WaitingDirectories();
  readonly #closedDirectories = new WaitingDirectories();

  constructor({ opened, writers, blobsAtOnce, tally, dryRun, isResumed }: RunOptions) {
    this.#dryRun = dryRun;
    this.#isResumed = isResumed;
    this.#opened = opened;
    this.#writers = writers;
    this.#blobsAtOnce = blobsAtOnce;
    this.#tally = tally;
    this.#orphans = new Orphans(opened.entries);
  }

  /** `fetchBytes`: for what is fetched at a time. */
  async restore(run: PageRun, fetchBytes: number): Promise<void> {
    const window = new Window();
    await this.#writePages(run, window);
    if (textBytes(run) >= REST_BYTES) await this.#rest();
    const adopted = await this.#adopt(window);
    if (this.#dryRun) return await this.#compareLeft(window, adopted);
    const links = [...window.links, ...pagesWith(adopted)];
    this.#tally.allPlanned = run.nextPath === undefined;
    const jobs = this.#jobs(window);
    const given = new ByteBudget(fetchBytes + WAITING_BYTES);
    await forEachParallel(jobs, this.#blobsAtOnce, async (job) => {
      try {
        const bytes = Math.min(job.bytes, job.blobSize);
        await given.use(bytes, () => this.#writeContents(window, job));
      } catch (error) {
        // The other jobs would wait for what this one holds, or for the store, only to fail as well.
        this.#writers.end(error as Error);
        throw error;
      }
    });
    await this.#link(links);
    await this.#finishDirectories(window, run.nextPath);
  }

  /** What pages leave behind would lie beside the contents. */
  async #rest(): Promise<void> {
    await this.#writers.each((remote) => remote.rest());
    collectGarbage();
    giveMemoryBack();
  }

  /** Names of adopted files, and large ones, whose chunks are listed elsewhere. */
  async #compareLeft(window: Window, links: readonly Entry[]): Promise<void> {
    for (const link of links) await this.#writePage(pageWith([link]), link.path, undefined, window);
    for (const { entry } of window.listed) {
      const loss = await this.#comparePartsOf(entry);
      if (loss !== undefined) this.#tally.lose([loss]);
    }
  }

  async #comparePartsOf(entry: Entry): Promise<Loss | undefined> {
    const { path } = entry;
    try {
      for await (const parts of this.#opened.entries.parts(entry, PARTS_AT_ONCE)) {
        const differing = await this.#writers.remote.differing({ path, parts });
        if (differing.loss !== undefined) return differing.loss;
        if (differing.parts.length === 0) continue;
        this.#tally.changes.push({ path, what: "contents" });
        return undefined;
      }
    } catch (error) {
      return lossOf(path, error);
    }
    return undefined;
  }

  async #writePages({ pages, nextPath }: PageRun, window: Window): Promise<void> {
    const after = new Map(pages.map((page, i) => [page.id, pages[i + 1]?.firstPath ?? nextPath]));
    const moved = pages.map((page) => this.#opened.reader.locate(page));
    const onDamage = (lost: readonly PageRef[], error: Error) => this.#losePages(lost, error);
    await forEachParallel(
      Map.groupBy(moved, ({ blob }) => blob),
      this.#blobsAtOnce,
      ([blob, some]) =>
        this.#pagesInWork.use(some[0]!.blobSize, async () => {
          this.#opened.source.expect(blobName("pages", blob), some[0]!.blobSize);
          for await (const [page, text] of this.#opened.reader.texts(blob, some, onDamage)) {
            await this.#writePage(text, page.firstPath, after.get(page.id), window);
          }
        }),
    );
  }

  async #writePage(
    text: Uint8Array,
    firstPath: Path,
    nextPath: Path | undefined,
    window: Window,
  ): Promise<void> {
    const page = { text, firstPath, nextPath };
    this.#tally.path = firstPath;
    const outcome = await this.#writers.remote.page(page, [text.buffer as ArrayBuffer]);
    window.add(outcome);
    this.#tally.others += outcome.others;
    this.#tally.notMade += outcome.notMade;
    this.#tally.files += outcome.files;
    this.#tally.filesPlanned += outcome.filesPlanned;
    this.#tally.bytesPlanned += outcome.bytesPlanned;
    this.#tally.kept += outcome.kept;
    this.#tally.lose(outcome.losses);
    if (this.#dryRun) { for (const change of outcome.changes) this.#tally.changes.push(change); }
    this.#tally.progress();
  }

  #losePages(lost: readonly PageRef[], error: Error): void {
    this.#tally.lose(lost.map(({ firstPath: path, entries }) => ({
      path,
      reason: `a page of ${entries} entries from here on is lost: ${error.message}`,
      isDamage: true,
    })));
  }

  /** Gives the contents of files whose first name is not wanted to the next one; the links that this leaves. */
  async #adopt(window: Window): Promise<readonly Entry[]> {
    const { files, links, losses } = await this.#orphans.adopt(window.orphans);
    this.#tally.lose(losses);
    for (const file of files) await this.#writePage(pageWith([file]), file.path, undefined, window);
    return links;
  }

  async *#jobs(window: Window): AsyncGenerator<ContentsRequest> {
    yield* window.contents();
    for (const file of window.listed) yield* this.#partsOf(window, file);
    for (const file of window.complete) await this.#finishShared(file);
  }

  /** A large file's chunks, of one blob at a time. */
  async *#partsOf(window: Window, { entry, isThere }: Listed): AsyncGenerator<ContentsRequest> {
    // Complete when all of its parts have arrived, and this looks for no more.
    const { path } = entry;
    const file = { path, missing: 1, loss: undefined, isAsBefore: isThere, page: () => pageWith([entry]) };
    window.expect(file);
    this.#tally.path = path;
    let loss: Loss | undefined;
    try {
      for await (const all of this.#opened.entries.parts(entry, PARTS_AT_ONCE)) {
        const wanted: Differing = isThere
          ? await this.#writers.remote.differing({ path, parts: all })
          : { parts: all };
        loss = wanted.loss;
        if (loss !== undefined) break;
        for (const [blob, some] of Map.groupBy(wanted.parts, (part) => part.blob)) {
          file.missing++;
          yield patchesOf(blob, [{ path, parts: some }]);
        }
      }
    } catch (error) {
      loss = lossOf(path, error);
    }
    await this.#partArrived(window, { path, damage: loss, isWritten: false });
  }

  async #writeContents(window: Window, job: ContentsRequest): Promise<void> {
    this.#opened.source.expect(blobName("blobs", job.blob), job.blobSize);
    const outcome = await this.#writers.remote.contents(job, buffersOf(job.rows, job.pages));
    this.#tally.files += outcome.files;
    this.#tally.bytes += outcome.bytes;
    this.#tally.lose(outcome.losses);
    for (const part of outcome.shared) await this.#partArrived(window, part);
    this.#tally.progress();
  }

  async #partArrived(window: Window, part: SharedOutcome): Promise<void> {
    const file = window.arrived(part);
    if (file !== undefined) await this.#finishShared(file);
  }

  async #finishShared({ path, loss, isAsBefore, page }: SharedFile): Promise<void> {
    if (loss !== undefined && isAsBefore && !this.#isResumed) {
      const reason = `${loss.reason}; the file that was there is as it was`;
      return this.#tally.lose([{ ...loss, reason }]);
    }
    const { losses } = loss !== undefined ? { losses: [loss] } : await this.#writers.remote.finish(page());
    if (losses.length === 0) return void this.#tally.files++;
    await this.#writers.remote.discard(path);
    this.#tally.lose(losses);
  }

  async #link(pages: readonly Uint8Array[]): Promise<void> {
    for (const page of pages) {
      const { done, losses } = await this.#writers.remote.links(page);
      this.#tally.files += done;
      this.#tally.lose(losses);
    }
  }

  /** Of all directories of which everything is restored. Those that everyone may enter are no obstacle to others, whichever comes first. */
  async #finishDirectories(window: Window, nextPath: Path | undefined): Promise<void> {
    for (const page of window.directories) this.#directories.add(page);
    for (const page of window.closedDirectories) this.#closedDirectories.add(page);
    await forEachParallel(
      this.#directories.take(nextPath),
      this.#blobsAtOnce,
      (page) => this.#finishPage(page, this.#writers.remote),
    );
    for (const page of this.#closedDirectories.take(nextPath)) {
      await this.#finishPage(page, this.#writers.first);
    }
  }

  async #finishPage(page: Uint8Array, writer: Remote<WriterApi>): Promise<void> {
    const { done, losses } = await writer.directories(page);
    this.#tally.directories += done;
    this.#tally.lose(losses);
  }
}

/** Of a file whose lists of chunks cannot be read; everything else is thrown on. */
function lossOf(path: Path, error: unknown): Loss {
  if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
  return { path, reason: error.message, isDamage: true };
}

function pagesWith(entries: readonly Entry[]): Uint8Array[] {
  return entries.length === 0 ? [] : [pageWith(entries)];
}
