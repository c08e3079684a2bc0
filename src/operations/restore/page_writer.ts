import { CorruptionError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { faultOf } from "../../model/entry_fault.ts";
import { decodeEntries } from "../../model/page.ts";
import { isWithin, type Path, sortKey } from "../../model/path.ts";
import { attempt } from "./attempt.ts";
import type { FileSink } from "./file_sink.ts";
import type { Loss, PageOutcome, PageRequest } from "./messages.ts";
import type { Selection } from "./selection.ts";

const decoder = new TextDecoder();

/** Makes all entries of a page that need no contents, and finds out what the others need. */
export class PageWriter {
  readonly #selection: Selection;
  readonly #sink: FileSink;

  constructor(selection: Selection, sink: FileSink) {
    this.#selection = selection;
    this.#sink = sink;
  }

  /** Throws `EnvironmentError` where the target cannot take more. */
  write(request: PageRequest): PageOutcome {
    const page = new PageInWork(request);
    let found: (Entry | CorruptionError)[];
    try {
      found = decodeEntries(decoder.decode(request.text));
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      page.lose({ path: request.firstPath, reason: error.message, isDamage: true });
      return page.outcome();
    }
    found.forEach((entry, i) => this.#writeEntry(page, entry, i, nextPath(found, i + 1) ?? request.nextPath));
    return page.outcome();
  }

  #writeEntry(page: PageInWork, entry: Entry | CorruptionError, i: number, next: Path | undefined): void {
    if (entry instanceof CorruptionError) {
      return page.lose({
        path: page.lastPath,
        reason: `the entry after it: ${entry.message}`,
        isDamage: true,
      });
    }
    const { path } = entry;
    const fault = page.isInOrder(path) ? undefined : "it is out of order, or there twice";
    const isAbove = next !== undefined && path !== next && isWithin(next, path);
    if (!this.#isWanted(entry, isAbove)) return;
    const reason = fault ?? faultOf(entry);
    if (reason !== undefined) return page.lose({ path, reason, isDamage: true });
    const loss = attempt(path, () => {
      // A link on the way to what was backed up below it is a directory here.
      if (entry.kind === "directory" || isAbove) this.#writeDirectory(page, path, i);
      else if (entry.kind !== "file") page.count(this.#sink.makeSpecial(entry));
      else this.#writeFile(page, entry, i);
    });
    if (loss !== undefined) page.lose(loss);
  }

  #isWanted({ path, kind }: Entry, isAbove: boolean): boolean {
    return this.#selection.has(path) || ((kind === "directory" || isAbove) && this.#selection.isAbove(path));
  }

  #writeDirectory(page: PageInWork, path: Path, i: number): void {
    this.#sink.makeDirectory(path);
    page.directories.push(i);
  }

  #writeFile(page: PageInWork, entry: Entry, i: number): void {
    if (entry.hardlink !== undefined) {
      if (this.#selection.has(entry.hardlink)) page.links.push(i);
      else page.orphans.push(entry);
      return;
    }
    page.plan(entry);
    const blobs = [...new Set((entry.chunks ?? []).map(({ blob }) => blob))];
    if (entry.lists !== undefined || blobs.length > 1) this.#sink.allocate(entry);
    if (entry.lists !== undefined) page.listed.push(entry);
    else if (blobs.length === 0) {
      this.#sink.finishFile(entry);
      page.files++;
    } else page.want(entry, i, blobs);
  }
}

function nextPath(entries: readonly (Entry | CorruptionError)[], from: number): Path | undefined {
  for (let i = from; i < entries.length; i++) {
    const entry = entries[i];
    if (!(entry instanceof CorruptionError)) return entry.path;
  }
  return undefined;
}

/** What is known of a page while its entries are gone through. */
class PageInWork {
  files = 0;
  readonly directories: number[] = [];
  readonly links: number[] = [];
  readonly orphans: Entry[] = [];
  readonly listed: Entry[] = [];
  lastPath: Path;
  readonly #text: Uint8Array;
  readonly #wants = new Map<string, number[]>();
  readonly #shared: { path: Path; entry: number; blobs: number }[] = [];
  readonly #losses: Loss[] = [];
  #lastKey: string | undefined;
  #others = 0;
  #notMade = 0;
  #filesPlanned = 0;
  #bytesPlanned = 0;

  constructor({ text, firstPath }: PageRequest) {
    this.#text = text;
    this.lastPath = firstPath;
  }

  /** Whether the path comes after those before it; it counts as the last one from now on. */
  isInOrder(path: Path): boolean {
    const key = sortKey(path);
    const isInOrder = this.#lastKey === undefined || key > this.#lastKey;
    if (isInOrder) this.#lastKey = key;
    this.lastPath = path;
    return isInOrder;
  }

  plan(entry: Entry): void {
    this.#filesPlanned++;
    this.#bytesPlanned += entry.size!;
  }

  want(entry: Entry, i: number, blobs: readonly string[]): void {
    if (blobs.length > 1) this.#shared.push({ path: entry.path, entry: i, blobs: blobs.length });
    for (const blob of blobs) {
      const entries = this.#wants.get(blob);
      if (entries === undefined) this.#wants.set(blob, [i]);
      else entries.push(i);
    }
  }

  count(isMade: boolean): void {
    if (isMade) this.#others++;
    else this.#notMade++;
  }

  lose(loss: Loss): void {
    this.#losses.push(loss);
  }

  outcome(): PageOutcome {
    return {
      text: this.#text,
      others: this.#others,
      notMade: this.#notMade,
      files: this.files,
      filesPlanned: this.#filesPlanned,
      bytesPlanned: this.#bytesPlanned,
      wants: [...this.#wants].map(([blob, entries]) => ({ blob, entries })),
      shared: this.#shared,
      listed: this.listed,
      links: this.links,
      orphans: this.orphans,
      directories: this.directories,
      losses: this.#losses,
    };
  }
}
