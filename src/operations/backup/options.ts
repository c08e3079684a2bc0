import type { SelectionRules } from "../../model/selection.ts";
import type { GuardLimits, Suspicion } from "../../model/guard.ts";
import type { Path } from "../../model/path.ts";
import type { PathAlias } from "../../model/path_alias.ts";

/** What may have changed since the last backup of a name began; what is named needs not exist. */
export interface Changes {
  /**
   * Directories that may have changed, or entries directly in them: each is looked at again with its entries. A subdirectory that the
   * last backup does not know, or knows as another one, is scanned in full.
   */
  readonly directories: readonly Path[];
  /**
   * Scanned in full: also directories that were made, or moved to where they are, since then. One that was moved away, changed and moved
   * back looks as it did.
   */
  readonly subtrees: readonly Path[];
}

/** A file of a snapshot whose contents come from a program or a pipe. */
export interface StreamSource {
  /** Its absolute path in the snapshot, as it is typed; neither above one of the roots nor above another stream. */
  readonly path: string;
  /** Begins at the first byte; called again where a backup has to begin again. Throws where that cannot be, which fails the backup. */
  open(): OpenedStream;
}

export interface OpenedStream extends Disposable {
  readonly bytes: ReadableStream<Uint8Array>;
  /** To be called when all bytes were read: why they may not be all that there should be, for people. */
  ended(): Promise<string | undefined>;
}

/** What one backup of one named snapshot is to do. */
export interface BackupOptions extends SelectionRules {
  readonly name: string;
  /** Name of this host for people. */
  readonly hostname: string;
  /** Absolute paths, as they are typed: `\xNN` is a byte. */
  readonly roots: readonly string[];
  /** Those of `roots` that are somewhere else than the snapshot is to have them, as they are typed; none is within another root. */
  readonly aliases?: readonly PathAlias[];
  /** Files that are stored beside what the roots have; one that fails is left out, and the snapshot is incomplete. */
  readonly streams?: readonly StreamSource[];
  /** gitignore patterns, with `/` of the file system as their root; `\xNN` is a byte. */
  readonly exclude: readonly string[];
  /** age public keys, all X25519 or all hybrid. */
  readonly recipients: readonly string[];
  /** Write hostname, source set and totals into manifests in clear. */
  readonly publicNames?: boolean;
  /** Path of the SQLite file. */
  readonly indexPath: string;
  /** Average size of a chunk in bytes, a power of two. */
  readonly chunkSizeBytes: number;
  readonly blobSizeBytes: number;
  /** zstd level. */
  readonly compressionLevel: number;
  /** Share of a blob, 0 to 1, that may be unused before the rest is stored again; absent: never. */
  readonly maxWaste?: number;
  /** Threads that read, chunk, compress and seal. */
  readonly readers: number;
  /** Blobs on their way to the store at a time, as far as `memoryBytes` allow. Default: 2. */
  readonly connections?: number;
  /** What the whole run keeps in memory at most, nearly. Default: 256 MiB. */
  readonly memoryBytes?: number;
  /**
   * So long after the beginning someone looks on: a first backup that takes as long counts what is ahead, so that its progress has an end.
   * Absent: never.
   */
  readonly progressAfterMs?: number;
  /** What a path may lose before the snapshot is suspicious; absent: whatever it loses. */
  readonly guard?: GuardLimits;
  /**
   * All else is taken from the last backup of this name unseen. Where that cannot be (there is none, its roots or excludes were others, the
   * store lost a part of it) or where this is absent, everything is scanned.
   */
  readonly changes?: Changes;
}

/** Files of a snapshot, compared with the one before. */
export interface FileChanges {
  /** Of the one before. */
  readonly before: number;
  readonly new: number;
  readonly changed: number;
  readonly gone: number;
}

/** A file or, with a `/` at its end, the files of a directory, and their bytes that are new. */
export interface Grown {
  readonly path: string;
  readonly bytes: number;
}

/** What a backup took its time for. */
export interface Phases {
  readonly prepareMs: number;
  /** Looking at the files, reading and sending. */
  readonly readMs: number;
  readonly publishMs: number;
}

export interface BackupSummary {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  readonly files: number;
  readonly directories: number;
  /** Symlinks, devices, FIFOs. */
  readonly others: number;
  /** Plain bytes of all files of the snapshot. */
  readonly bytes: number;
  /** Files whose contents were read in this run, and their bytes. */
  readonly filesRead: number;
  readonly bytesRead: number;
  /** Plain bytes that the store did not have yet. */
  readonly bytesNew: number;
  /** Where the largest part of them is, largest first. */
  readonly growth: readonly Grown[];
  readonly phases: Phases;
  /** Missing where there is none before to compare with. */
  readonly fileChanges?: FileChanges;
  /** Entries left out because of the configuration, directories as one; missing where not everything was looked at. */
  readonly excluded?: number;
  /** Why the sources look wrong; see `suspicions`. */
  readonly suspicious: readonly Suspicion[];
  readonly blobsUploaded: number;
  readonly bytesUploaded: number;
  readonly pages: number;
  readonly pagesNew: number;
  /** Whether everything was scanned, or only what was said to have changed. */
  readonly scanned: "all" | "changes";
  /** Paths left out because they could not be read, with the reason. */
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  readonly changedWhileRead: number;
  /** Extended attributes that could not be read; what they belong to is in the snapshot without them. */
  readonly lostAttributes: number;
  readonly incomplete: boolean;
}
