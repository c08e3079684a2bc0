import type { SharedDirectory } from "../../platform/libc.ts";
import type { Part } from "../../read/entry_source.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import type { LendingApi } from "../../read/remote_source.ts";
import type { FileRows } from "./file_rows.ts";
import type { Overwrite } from "./overwrite.ts";
import type { SelectionOptions } from "./selection.ts";
import type { Placement } from "./open_directories.ts";
import type { OwnerOptions } from "./owners.ts";

/** What a writer must know to begin. */
export interface WriterOptions {
  /** Where entries are written: an open directory of this process. */
  readonly target: SharedDirectory;
  readonly targetPath: string;
  readonly selection: SelectionOptions;
  /** Where what is at `from` goes instead. */
  readonly placement?: Placement;
  readonly owners: OwnerOptions;
  /** What of the target may be replaced; absent: the target is empty. */
  readonly overwrite?: Overwrite;
  /** Change nothing, and say what would be. */
  readonly dryRun?: boolean;
  /** Directories on the way to what is wanted that stay as they are. */
  readonly leaves: readonly Path[];
}

/** An entry that is not there now, and why. */
export interface Loss {
  readonly path: Path;
  readonly reason: string;
  /** Whether stored data is at fault, or this machine. */
  readonly isDamage: boolean;
  /** Of another name of a file: the first, without which it is lost. */
  readonly first?: Path;
}

/** A page with entries that are to be made. */
export interface PageRequest {
  readonly text: Uint8Array;
  readonly firstPath: Path;
  /** Where the next page begins. */
  readonly nextPath: Path | undefined;
}

/** Files of a page that wait for the contents of a blob. */
export interface BlobWant {
  readonly blob: string;
  /** Its stored bytes. */
  readonly blobSize: number;
  /** Of files, that are to come from it. */
  readonly bytes: number;
  /** Those that are one chunk. */
  readonly rows?: FileRows;
  /** A page with the others. */
  readonly page?: Uint8Array<ArrayBuffer>;
}

/** A file that waits for so many blobs. */
export interface SharedWant {
  readonly path: Path;
  /** With the file alone. */
  readonly page: Uint8Array<ArrayBuffer>;
  readonly blobs: number;
  /** Whether it was there before, with other contents. */
  readonly isThere: boolean;
}

/** What is made of a page, and what is still to be done. Pages in it are cut down to the entries that are meant. */
export interface PageOutcome {
  readonly others: number;
  /** Devices that were not made. */
  readonly notMade: number;
  /** Files that are done: the empty ones. */
  readonly files: number;
  /** Files, and bytes in them, that are to come. */
  readonly filesPlanned: number;
  readonly bytesPlanned: number;
  /** Files that wait for the contents of a blob. */
  readonly wants: readonly BlobWant[];
  /** Those of them that wait for several blobs: each is made with its full size. */
  readonly shared: readonly SharedWant[];
  /** Files of which some chunks differ. They count as shared. */
  readonly patches: readonly { readonly blob: string; readonly patch: Patch }[];
  /** Files whose chunks are in list pages; made with their full size, or there with other contents. */
  readonly listed: readonly Listed[];
  /** A page with further names of files that are restored. */
  readonly links?: Uint8Array<ArrayBuffer>;
  /** Further names of files that are not, so that the first of them gets the contents. */
  readonly orphans: readonly Entry[];
  /** A page with those that everyone may enter, and one with the others. */
  readonly directories?: Uint8Array<ArrayBuffer>;
  readonly closedDirectories?: Uint8Array<ArrayBuffer>;
  readonly losses: readonly Loss[];
  /** In a dry run: what would be changed. */
  readonly changes: readonly Change[];
  /** Entries that are left as they are. */
  readonly kept: number;
}

export interface Listed {
  readonly entry: Entry;
  /** Whether some of its chunks may be there. */
  readonly isThere: boolean;
}

/** What a restore would do about one entry. */
export interface Change {
  readonly path: Path;
  readonly what: "new" | "contents" | "attributes" | "replaced" | "deleted";
}

/** Chunks for a file that was allocated. */
export interface Patch {
  readonly path: Path;
  readonly parts: readonly Part[];
}

/** The chunks that a file which is there does not have; what it has is not known where there is a loss. */
export interface Differing {
  readonly parts: readonly Part[];
  readonly loss?: Loss;
}

/** Where the contents of one blob go. */
export interface ContentsRequest {
  readonly blob: string;
  /** Its stored bytes. */
  readonly blobSize: number;
  /** Of files, that are wanted of it. */
  readonly bytes: number;
  /** Files that are one chunk of it. */
  readonly rows: readonly FileRows[];
  /** Pages cut down to the other files that want it. */
  readonly pages: readonly Uint8Array<ArrayBuffer>[];
  readonly patches: readonly Patch[];
}

/** What came of the part of a file that one blob has. */
export interface SharedOutcome {
  readonly path: Path;
  readonly damage: Loss | undefined;
  /** Whether anything was written. */
  readonly isWritten: boolean;
}

export interface ContentsOutcome {
  /** Files that are done. */
  readonly files: number;
  /** Bytes that were written. */
  readonly bytes: number;
  /** Files that wait for other blobs too. */
  readonly shared: readonly SharedOutcome[];
  readonly losses: readonly Loss[];
}

/** What came of entries that were to be finished. */
export interface DoneOutcome {
  readonly done: number;
  readonly losses: readonly Loss[];
}

/** An attribute that this machine could not set. */
export interface NotSet {
  readonly what: string;
  readonly path: Path;
  readonly reason: string;
}

/** What a thread of a restore does; pages are cut down to the entries that are meant. All wait for `start`. */
export interface WriterApi {
  start(options: WriterOptions): void;
  page(request: PageRequest): PageOutcome;
  differing(patch: Patch): Differing;
  contents(request: ContentsRequest): ContentsOutcome;
  /** Files whose bytes were written by several threads, or that were there with others. */
  finish(page: Uint8Array): DoneOutcome;
  /** Removes a file that cannot be made whole. */
  discard(path: Path): void;
  links(page: Uint8Array): DoneOutcome;
  /** Between two kinds of work: collects garbage. */
  rest(): void;
  /** The last first: children come before a parent that its owner must not enter. */
  directories(page: Uint8Array): DoneOutcome;
  /** Closes all that is open: descriptors of a thread outlive it. */
  end(): void;
}

/** What a thread of a restore asks of the main thread. */
export interface WriterNeeds extends LendingApi {
  notSet(attribute: NotSet): void;
}
