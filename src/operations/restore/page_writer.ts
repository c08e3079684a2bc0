import { release } from "../../base/bytes.ts";
import { CorruptionError } from "../../base/errors.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { faultOf } from "../../model/entry_fault.ts";
import { OUT_OF_ORDER } from "../../model/page_order.ts";
import { PageText } from "../../model/page_text.ts";
import { isWithin, type Path } from "../../model/path.ts";
import { ENOTDIR } from "../../platform/libc.ts";
import { SystemError } from "../../platform/read.ts";
import { attempt } from "./attempt.ts";
import type { FileSink } from "./file_sink.ts";
import type { PageOutcome, PageRequest } from "./messages.ts";
import type { Existing } from "./existing.ts";
import { PageInWork } from "./page_in_work.ts";
import type { Selection } from "./selection.ts";

export interface PageWriterOptions {
  /** Absent: nothing is there yet. */
  readonly existing: Existing | undefined;
  readonly dryRun: boolean;
  /** Whether entries do not go where their paths say, so that there is nothing above them. */
  readonly isPlaced: boolean;
  /** Directories on the way to what is wanted that stay as they are. */
  readonly leaves: readonly Path[];
}

/** Makes all entries of a page that need no contents, and finds out what the others need. */
export class PageWriter {
  readonly #selection: Selection;
  readonly #sink: FileSink;
  readonly #existing: Existing | undefined;
  readonly #dryRun: boolean;
  readonly #isPlaced: boolean;
  readonly #leaves: ReadonlySet<Path>;

  constructor(
    selection: Selection,
    sink: FileSink,
    { existing, dryRun, isPlaced, leaves }: PageWriterOptions,
  ) {
    this.#isPlaced = isPlaced;
    this.#leaves = new Set(leaves);
    this.#selection = selection;
    this.#sink = sink;
    this.#existing = existing;
    this.#dryRun = dryRun;
  }

  /** Throws `EnvironmentError` where the target cannot take more. */
  write(request: PageRequest): PageOutcome {
    const page = new PageInWork(request);
    try {
      this.#writeEntries(page, new PageText(request.text), request.nextPath);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      page.lose({ path: request.firstPath, reason: error.message, isDamage: true });
    }
    release(request.text);
    return page.outcome();
  }

  /** Whether something is below an entry, the next one says. */
  #writeEntries(page: PageInWork, text: PageText, nextPath: Path | undefined): void {
    let last: Entry | undefined;
    for (const entry of text.entries()) {
      if (entry instanceof CorruptionError) {
        const path = last?.path ?? page.firstPath;
        page.lose({ path, reason: `the entry after it: ${entry.message}`, isDamage: true });
        continue;
      }
      if (last !== undefined) this.#writeEntry(page, last, entry.path);
      last = entry;
    }
    if (last !== undefined) this.#writeEntry(page, last, nextPath);
  }

  #writeEntry(page: PageInWork, entry: Entry, next: Path | undefined): void {
    const { path } = entry;
    const fault = page.order.takes(path) ? undefined : OUT_OF_ORDER;
    const isAbove = next !== undefined && path !== next && isWithin(next, path);
    const isWanted = this.#selection.has(path, entry.kind === "directory");
    if (!isWanted && (this.#leaves.has(path) || !this.#isWay(entry, isAbove))) return;
    const reason = fault ?? faultOf(entry);
    if (reason !== undefined) return page.lose({ path, reason, isDamage: true });
    // A link on the way to what was backed up below it is a directory here.
    const made: Entry = isAbove ? { ...entry, kind: "directory" } : entry;
    const loss = attempt(entry, () => {
      if (!isWanted && this.#selection.isUncertain) return page.fill(entry);
      const existing = this.#existing;
      if (existing !== undefined && !this.#clear(page, made, { existing, isWay: !isWanted })) {
        return;
      }
      if (this.#isOrphan(made)) return void page.orphans.push(made);
      if (this.#dryRun) return;
      if (made.kind === "directory") this.#writeDirectory(page, entry);
      else if (made.kind !== "file") page.count(this.#sink.makeSpecial(made));
      else this.#writeFile(page, made);
    });
    if (loss !== undefined) page.lose(loss);
  }

  /**
   * Whether the entry is to be made; where something is in its place, that is dealt with. For a directory that is only the way to what is
   * restored nothing is removed: a link there may be what all of this machine goes by.
   */
  #clear(
    page: PageInWork,
    entry: Entry,
    { existing, isWay }: { readonly existing: Existing; readonly isWay: boolean },
  ): boolean {
    // Names are compared when the files are there, or found out to be.
    if (entry.hardlink !== undefined && (!this.#dryRun || this.#isOrphan(entry))) return true;
    const action = entry.hardlink === undefined ? existing.compare(entry) : existing.compareLink(entry);
    if (isWay && action.kind === "replace") throw new SystemError(ENOTDIR);
    // What is made in a directory changes its time, so that it gets its attributes again.
    if (entry.kind === "directory" && action.kind === "keep" && action.isRight && !this.#dryRun) return true;
    page.note(entry, action, this.#dryRun);
    if (action.kind === "make" || this.#dryRun) return true;
    if (action.kind === "replace") {
      existing.remove(entry);
      return true;
    }
    if (entry.kind === "directory") return action.kind !== "keep";
    if (action.kind === "attributes") this.#sink.setAttributes(entry);
    else if (action.kind === "patch") page.patch(entry, action.parts);
    return false;
  }

  /** Whether it is a directory that something wanted is or may be in. */
  #isWay({ path, kind }: Entry, isAbove: boolean): boolean {
    return !this.#isPlaced && (kind === "directory" || isAbove) && this.#selection.isAbove(path);
  }

  /** Whether it is a further name of a file whose first one is not restored. */
  #isOrphan({ kind, hardlink }: Entry): boolean {
    return kind === "file" && hardlink !== undefined && !this.#selection.has(hardlink);
  }

  #writeDirectory(page: PageInWork, entry: Entry): void {
    this.#sink.makeDirectory(entry.path);
    page.fill(entry);
  }

  #writeFile(page: PageInWork, entry: Entry): void {
    if (entry.hardlink !== undefined) return void page.links.push(entry);
    page.plan(entry);
    const blobs = onePerBlob(entry.chunks);
    if (entry.lists !== undefined || blobs.length > 1) this.#sink.allocate(entry);
    if (entry.lists !== undefined) page.listed.push({ entry, isThere: false });
    else if (blobs.length === 0) {
      this.#sink.makeEmpty(entry);
      page.files++;
    } else page.want(entry, blobs);
  }
}

/** The last of `places` in each blob. */
function onePerBlob(places: readonly Place[] = []): readonly Place[] {
  return places.length < 2 ? places : [...new Map(places.map((place) => [place.blob, place])).values()];
}
