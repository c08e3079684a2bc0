import type { Path } from "../model/path.ts";

/** What a page of the last backup holds, without its entries. */
export interface PageSummary {
  readonly number: number;
  readonly firstPath: Path;
  readonly id: string;
  /** Bytes of the page's text. */
  readonly length: number;
  readonly entries: number;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
  /** Numbers of the blobs that it needs. */
  readonly blobs: readonly number[];
}

export interface NewPage extends Omit<PageSummary, "number"> {
  readonly lastPath: Path;
  /** Inodes of the entries that are one of several names of a file. */
  readonly links: readonly bigint[];
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

/** A page's stamps and its text as a zstd frame. */
export interface PageContents {
  readonly number: number;
  readonly firstPath: Path;
  readonly length: number;
  readonly stamps: Uint8Array;
  readonly frame: Uint8Array;
}

/** A page of the last backup, with what tells which paths are in its range. */
export interface LastPage extends PageSummary {
  readonly firstKey: string;
  readonly lastKey: string;
  readonly links: readonly bigint[];
}

/** What is kept of the last backup of a snapshot, so that the next one need not look at everything. */
export interface LastBackup {
  /** The id of its snapshot; empty where that is not known. */
  readonly id: string;
  /** Tells which entries were wanted. */
  readonly selection: string;
  /** In order. */
  readonly pages: readonly LastPage[];
  /** Entries that may have changed again without a trace. */
  readonly unsettled: readonly Path[];
  /** What could not be looked at or read. */
  readonly leftOut: readonly Path[];
}

/** As {@link LastBackup}, with the numbers of its pages, and before it has an id. */
export interface FinishedBackup extends Omit<LastBackup, "id" | "pages"> {
  readonly pages: readonly number[];
}
