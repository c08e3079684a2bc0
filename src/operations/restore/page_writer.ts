import { CorruptionError } from "../../base/errors.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { faultOf } from "../../model/entry_fault.ts";
import { decodeEntries } from "../../model/page.ts";
import { isWithin, type Path, sortKey } from "../../model/path.ts";
import { attempt } from "./attempt.ts";
import type { FileSink } from "./file_sink.ts";
import type { Change, Listed, Loss, PageOutcome, PageRequest, Patch } from "./messages.ts";
import type { Part } from "../../read/entry_source.ts";
import type { Action, Existing } from "./existing.ts";
import type { Selection } from "./selection.ts";

const decoder = new TextDecoder();

const CHANGES: Readonly<Record<Exclude<Action["kind"], "keep">, Change["what"]>> = {
  make: "new",
  attributes: "attributes",
  patch: "contents",
  replace: "replaced",
};

export interface PageWriterOptions {
  /** Absent: nothing is there yet. */
  readonly existing: Existing | undefined;
  readonly dryRun: boolean;
  /** Whether entries do not go where their paths say, so that there is nothing above them. */
  readonly isPlaced: boolean;
}

/** Makes all entries of a page that need no contents, and finds out what the others need. */
export class PageWriter {
  readonly #selection: Selection;
  readonly #sink: FileSink;
  readonly #existing: Existing | undefined;
  readonly #dryRun: boolean;
  readonly #isPlaced: boolean;

  constructor(
    selection: Selection,
    sink: FileSink,
    { existing, dryRun, isPlaced }: PageWriterOptions,
  ) {
    this.#isPlaced = isPlaced;
    this.#selection = selection;
    this.#sink = sink;
    this.#existing = existing;
    this.#dryRun = dryRun;
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
    const isWanted = this.#selection.has(path, entry.kind === "directory");
    if (!isWanted && !this.#isWay(entry, isAbove)) return;
    const reason = fault ?? faultOf(entry);
    if (reason !== undefined) return page.lose({ path, reason, isDamage: true });
    // A link on the way to what was backed up below it is a directory here.
    const made: Entry = isAbove ? { ...entry, kind: "directory" } : entry;
    const loss = attempt(path, () => {
      if (!isWanted && this.#selection.isUncertain) return void page.directories.push(i);
      if (this.#existing !== undefined && !this.#clear(page, made, i, this.#existing)) return;
      if (this.#dryRun) return;
      if (made.kind === "directory") this.#writeDirectory(page, path, i);
      else if (made.kind !== "file") page.count(this.#sink.makeSpecial(made));
      else this.#writeFile(page, made, i);
    });
    if (loss !== undefined) page.lose(loss);
  }

  /** Whether the entry is to be made; where something is in its place, that is dealt with. */
  #clear(page: PageInWork, entry: Entry, i: number, existing: Existing): boolean {
    // Names are compared when the files are there.
    if (entry.hardlink !== undefined && !this.#dryRun) return true;
    const action = entry.hardlink === undefined ? existing.compare(entry) : existing.compareLink(entry);
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
    else if (action.kind === "patch") page.patch(entry, i, action.parts);
    return false;
  }

  /** Whether it is a directory that something wanted is or may be in. */
  #isWay({ path, kind }: Entry, isAbove: boolean): boolean {
    return !this.#isPlaced && (kind === "directory" || isAbove) && this.#selection.isAbove(path);
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
    const blobs = onePerBlob(entry.chunks);
    if (entry.lists !== undefined || blobs.length > 1) this.#sink.allocate(entry);
    if (entry.lists !== undefined) page.listed.push({ entry, isThere: false });
    else if (blobs.length === 0) {
      this.#sink.finishFile(entry);
      page.files++;
    } else page.want(entry, i, blobs);
  }
}

/** The last of `places` in each blob. */
function onePerBlob(places: readonly Place[] = []): readonly Place[] {
  return places.length < 2 ? places : [...new Map(places.map((place) => [place.blob, place])).values()];
}

function nextPath(entries: readonly (Entry | CorruptionError)[], from: number): Path | undefined {
  for (let i = from; i < entries.length; i++) {
    const entry = entries[i]!;
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
  readonly listed: Listed[] = [];
  readonly #patches: { blob: string; patch: Patch }[] = [];
  readonly #changes: Change[] = [];
  #kept = 0;
  lastPath: Path;
  readonly #text: Uint8Array;
  readonly #wants = new Map<string, { blobSize: number; entries: number[] }>();
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

  /** `places`: one in each blob that the entry has contents in. */
  want(entry: Entry, i: number, places: readonly Place[]): void {
    if (places.length > 1) this.#shared.push({ path: entry.path, entry: i, blobs: places.length });
    for (const { blob, blobSize } of places) {
      const want = this.#wants.get(blob);
      if (want === undefined) this.#wants.set(blob, { blobSize, entries: [i] });
      else want.entries.push(i);
    }
  }

  /** Counts what is left alone; a dry run lists what is not. */
  note(entry: Entry, { kind }: Action, dryRun: boolean): void {
    const { path } = entry;
    if (kind === "keep") this.#kept++;
    else if (kind === "patch" && dryRun && entry.lists !== undefined) {
      this.listed.push({ entry, isThere: true });
    } else if (dryRun) this.#changes.push({ path, what: CHANGES[kind] });
  }

  /** The file gets these chunks, and then its length and attributes. */
  patch(entry: Entry, i: number, parts: readonly Part[]): void {
    this.#filesPlanned++;
    this.#bytesPlanned += parts.reduce((sum, { length }) => sum + length, 0);
    if (entry.lists !== undefined) return void this.listed.push({ entry, isThere: true });
    const byBlob = Map.groupBy(parts, ({ blob }) => blob);
    this.#shared.push({ path: entry.path, entry: i, blobs: byBlob.size });
    for (const [blob, some] of byBlob) {
      this.#patches.push({ blob, patch: { path: entry.path, parts: some } });
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
      wants: [...this.#wants].map(([blob, want]) => ({ blob, ...want })),
      shared: this.#shared,
      listed: this.listed,
      links: this.links,
      orphans: this.orphans,
      directories: this.directories,
      patches: this.#patches,
      changes: this.#changes,
      kept: this.#kept,
      losses: this.#losses,
    };
  }
}
