// What the three kinds of thread of a backup say to each other.
import type { PathAlias } from "../../model/path_alias.ts";
import type { SelectionRules } from "../../model/selection.ts";
import type { Upload } from "../../index/blobs.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import type { GuardLimits, Suspicion } from "../../model/guard.ts";
import type { Changes, FileChanges, Grown } from "./options.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import type { ListRef } from "../../model/blob_list.ts";
import type { PruneRecord } from "../../model/prune_record.ts";
import type { Event } from "../../report/events.ts";
import type { BlobApi, UploadNotes } from "../../write/blob_calls.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";
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

/** Objects of the store, and until when they are locked. */
export interface LockedBlobs {
  readonly ids: readonly string[];
  readonly untilMs: number;
}

/** What the index remembers of the records in `prune/`. */
export interface SeenRecords {
  /** Those of the last look; `undefined` where it never looked. */
  readonly names: readonly string[] | undefined;
}

/** What the thread that owns the index does for the others. All but `rest` wait for `open`. */
export interface IndexApi extends UploadNotes {
  open(options: OpenOptions): OpenedIndex;
  /** Forgets what is not in the store, given the sizes of what is, by name. The ids of what it was. */
  reconcile(stored: ReadonlyMap<string, number>): string[];
  seenRecords(): SeenRecords;
  noteRecords(names: readonly string[]): void;
  /** Forgets what a prune has marked for deletion. The ids of what it was. */
  forgetMarked(record: PruneRecord): string[];
  /** The store has the list of blobs that `key` stands for. */
  addList(added: { readonly key: Uint8Array; readonly list: ListRef }): void;
  /** Where, and to which recipients, the host has sealed its keys. */
  setAnnounced(announced: string): void;
  /** Forgets all blobs, as another key has to open what is in them: it is stored again. How many. */
  forgetAll(): number;
  settle(settled: { readonly upload: Upload; readonly arrived: boolean }): void;
  /** From now on the blobs of the index are those in `store`. */
  trust(store: string): void;
  scan(options: ScanOptions): ScanResult;
  /** For each chunk 1 where it must be stored. */
  claim(claim: Claim): Uint8Array;
  keepCopy(copy: MetadataCopy): void;
  /** What was scanned last is published as `snapshot`. */
  commit(snapshot: KnownSnapshot & { readonly isSuspicious: boolean }): void;
  /** Suspicious snapshots of a source set since its last good one. */
  suspicious(name: string): string[];
  accept(id: string): void;
  /** Those of `ids` of which the lock ends before. */
  lockedBefore(wanted: LockedBlobs): string[];
  locked(locked: LockedBlobs): void;
  forgetLocks(untilMs: number): void;
  close(): void;
  /** Nothing is needed until it is opened again. */
  rest(): void;
}

/** What the index thread asks of the main thread. */
export interface IndexNeeds extends BlobApi {
  read(batch: ReadBatch): ReadOutcome[];
  /** Answers when all that was read is stored. */
  storeAll(): void;
  report(event: Event): void;
}

/** What a thread that reads files does. All wait for `start`. */
export interface ReaderApi {
  start(options: ReaderOptions): void;
  /** Answers when every chunk of the batch is known or in a blob (which need not be stored yet). */
  read(batch: ReadBatch): ReadOutcome[];
  flush(): void;
}

/** What a reader asks of the main thread. */
export interface ReaderNeeds extends BlobApi {
  claim(claim: Claim): Uint8Array;
  /** The next bytes of a stream. */
  pull(stream: number): StreamPiece;
}
