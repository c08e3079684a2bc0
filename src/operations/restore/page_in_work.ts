import type { Entry, Place } from "../../model/entry.ts";
import { PageOrder } from "../../model/page_order.ts";
import type { Path } from "../../model/path.ts";
import type { Part } from "../../read/entry_source.ts";
import type { Action } from "./existing.ts";
import { FileRowsMaker, isOneChunk } from "./file_rows.ts";
import type {
  BlobWant,
  Change,
  Listed,
  Loss,
  PageOutcome,
  PageRequest,
  Patch,
  SharedWant,
} from "./messages.ts";
import { pageWith } from "./page_with.ts";

const CHANGES: Readonly<Record<Exclude<Action["kind"], "keep">, Change["what"]>> = {
  make: "new",
  attributes: "attributes",
  patch: "contents",
  replace: "replaced",
};

/** Of owner, group and others. */
const ENTER_AND_READ = 0o555;

interface Want {
  readonly blobSize: number;
  bytes: number;
  readonly rows: FileRowsMaker;
  readonly entries: Entry[];
}

/** What is known of a page while its entries are gone through. */
export class PageInWork {
  files = 0;
  readonly #directories: Entry[] = [];
  readonly #closedDirectories: Entry[] = [];
  readonly links: Entry[] = [];
  readonly orphans: Entry[] = [];
  readonly listed: Listed[] = [];
  readonly #patches: { blob: string; patch: Patch }[] = [];
  readonly #changes: Change[] = [];
  #kept = 0;
  readonly firstPath: Path;
  readonly order: PageOrder;
  readonly #wants = new Map<string, Want>();
  readonly #shared: SharedWant[] = [];
  readonly #losses: Loss[] = [];
  #others = 0;
  #notMade = 0;
  #filesPlanned = 0;
  #bytesPlanned = 0;

  constructor({ firstPath, nextPath }: Pick<PageRequest, "firstPath" | "nextPath">) {
    this.firstPath = firstPath;
    this.order = new PageOrder(firstPath, nextPath);
  }

  plan(entry: Entry): void {
    this.#filesPlanned++;
    this.#bytesPlanned += entry.size!;
  }

  /** `places`: one in each blob that the entry has contents in. */
  want(entry: Entry, places: readonly Place[]): void {
    if (places.length > 1) this.#share(entry, places.length, false);
    for (const place of places) {
      let want = this.#wants.get(place.blob);
      if (want === undefined) {
        want = { blobSize: place.blobSize, bytes: 0, rows: new FileRowsMaker(), entries: [] };
        this.#wants.set(place.blob, want);
      }
      if (isOneChunk(entry)) {
        want.bytes += place.length;
        want.rows.add(entry, place);
      } else {
        want.bytes += bytesIn(entry, place);
        want.entries.push(entry);
      }
    }
  }

  #share(entry: Entry, blobs: number, isThere: boolean): void {
    // To finish it takes none of its chunks.
    const page = pageWith([{ ...entry, chunks: undefined }]);
    this.#shared.push({ path: entry.path, page, blobs, isThere });
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
  patch(entry: Entry, parts: readonly Part[]): void {
    this.#filesPlanned++;
    this.#bytesPlanned += parts.reduce((sum, { length }) => sum + length, 0);
    if (entry.lists !== undefined) return void this.listed.push({ entry, isThere: true });
    const byBlob = Map.groupBy(parts, ({ blob }) => blob);
    this.#share(entry, byBlob.size, true);
    for (const [blob, some] of byBlob) {
      this.#patches.push({ blob, patch: { path: entry.path, parts: some } });
    }
  }

  /** It gets its attributes when everything in it is there. */
  fill(entry: Entry): void {
    (isForEveryone(entry) ? this.#directories : this.#closedDirectories).push(entry);
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
      others: this.#others,
      notMade: this.#notMade,
      files: this.files,
      filesPlanned: this.#filesPlanned,
      bytesPlanned: this.#bytesPlanned,
      wants: [...this.#wants].map(([blob, want]) => sent(blob, want)),
      shared: this.#shared,
      listed: this.listed,
      links: pageOrNone(this.links),
      orphans: this.orphans,
      directories: pageOrNone(this.#directories),
      closedDirectories: pageOrNone(this.#closedDirectories),
      patches: this.#patches,
      changes: this.#changes,
      kept: this.#kept,
      losses: this.#losses,
    };
  }
}

/** Whether whoever restores may still work in the directory when it has its attributes: an access list may say something else than its mode. */
function isForEveryone({ kind, mode, xattrs }: Entry): boolean {
  return kind !== "directory" || (mode & ENTER_AND_READ) === ENTER_AND_READ && xattrs === undefined;
}

/** How much of the file is in the blob of `place`. */
function bytesIn({ chunks }: Entry, { blob }: Place): number {
  return chunks!.reduce((sum, chunk) => chunk.blob === blob ? sum + chunk.length : sum, 0);
}

function sent(blob: string, { blobSize, bytes, rows, entries }: Want): BlobWant {
  return { blob, blobSize, bytes, rows: rows.rows(blob, blobSize), page: pageOrNone(entries) };
}

function pageOrNone(entries: readonly Entry[]): Uint8Array<ArrayBuffer> | undefined {
  return entries.length === 0 ? undefined : pageWith(entries);
}
