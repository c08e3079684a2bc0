// What the three kinds of thread of a backup say to each other; the calls are named where they are served.
import type { PathAlias } from "../../model/path_alias.ts";
import type { SelectionRules } from "../../model/selection.ts";
import type { Upload } from "../../index/blobs.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import type { GuardLimits, Suspicion } from "../../model/guard.ts";
import type { Changes, FileChanges, Grown } from "./options.ts";
import type { SnapshotParts } from "../../write/snapshot_parts.ts";

/** Files for a reader. */
export interface ReadBatch {
  readonly batch: number;
  /** As `packPaths` makes them: one block of bytes is passed on much faster than many strings. */
  readonly paths: Uint8Array<ArrayBuffer>;
  /** 40 bytes each: what the scan saw. */
  readonly stamps: Uint8Array;
  /** The batch is one file, and its contents are the stream of this number, which the main thread has. */
  readonly stream?: number;
}

/** What comes next of a stream; at its end, why that is not all, if it is not. */
export type StreamPiece = { readonly bytes: Uint8Array } | { readonly fault?: string };

/** The next chunks of some files of a batch. */
export interface Claim {
  readonly batch: number;
  /** Three numbers a group: file, how many chunks, 1 where all chunks of the file before are void. */
  readonly groups: Uint32Array;
  /** 32 bytes a chunk. */
  readonly ids: Uint8Array;
  readonly lengths: Uint32Array;
}

export interface ReaderOptions {
  readonly seed: Uint8Array;
  readonly chunkSizeBytes: number;
  readonly blobSizeBytes: number;
  readonly compressionLevel: number;
}

export interface ScanOptions extends SelectionRules {
  readonly name: string;
  readonly roots: readonly string[];
  readonly exclude: readonly string[];
  readonly blobSizeBytes: number;
  readonly compressionLevel: number;
  readonly maxWaste?: number;
  readonly guard?: GuardLimits;
  readonly changes?: Changes;
  readonly streams: StreamOptions;
  readonly aliases?: readonly PathAlias[];
}

/** Files whose contents are streams. */
export interface StreamOptions {
  /** Absolute, by the number of the stream. */
  readonly paths: readonly string[];
  /** Their time, and that of the directories made for them. */
  readonly timeMs: number;
}

/** A backup as the scan has it when every blob is stored; only publishing is left. */
export interface ScanResult extends SnapshotParts {
  readonly pagesNew: number;
  readonly scanned: "all" | "changes";
  readonly filesRead: number;
  readonly bytesRead: number;
  readonly bytesNew: number;
  readonly growth: readonly Grown[];
  readonly fileChanges?: FileChanges;
  readonly excluded?: number;
  readonly suspicions: readonly Suspicion[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  readonly changedWhileRead: number;
  readonly lostAttributes: number;
}

export interface OpenOptions {
  /** Of the SQLite file. */
  readonly path: string;
  readonly readers: number;
  /** For how long what is stored is locked; `undefined` where the store does not lock. */
  readonly lockedMs: number | undefined;
}

/** What the index says when it is opened. */
export interface OpenedIndex {
  /** Why a new one was made, if an old one was there. */
  readonly replaced?: string;
  readonly lastSnapshot?: KnownSnapshot;
  /** The store that its blobs are in; `undefined` for a new index. */
  readonly store?: string;
  /** Where, and to which recipients, the host has sealed its keys. */
  readonly announced?: string;
  /** PUTs of which the end is not known. */
  readonly interrupted: readonly Upload[];
}
