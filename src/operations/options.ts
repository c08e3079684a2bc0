import type { SelectionRules } from "../model/selection.ts";
import type { Identity } from "../seal/age.ts";
import type { GuardLimits, Suspicion } from "../model/guard.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Speed } from "../model/retrieval.ts";
import type { MetadataCache } from "../store/metadata_cache.ts";
import type { ObjectStore } from "../store/store.ts";
import type { Path } from "../model/path.ts";
import type { PathAlias } from "../model/path_alias.ts";
import type { Trust } from "../model/trust.ts";
import type { Report } from "../report/events.ts";
import type { Overwrite } from "./restore/overwrite.ts";
import type { Change } from "./restore/messages.ts";
import type { OwnerOptions } from "./restore/owners.ts";

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

export interface RestoreOptions extends OwnerOptions {
  readonly snapshotId: string;
  /** Of the snapshot, where it was read already. */
  readonly manifest?: Manifest;
  readonly target: string;
  /** Absolute paths within the snapshot, as they are typed: `\xNN` is a byte; none means all. */
  readonly paths: readonly string[];
  /** age identities (`AGE-SECRET-KEY-…`). */
  readonly identities: readonly Identity[];
  /** Threads that open, check and write. */
  readonly writers: number;
  /** Of those, what these patterns match, as in `exclude` of the configuration; absent: all. */
  readonly include?: readonly string[];
  /** But not what these match. */
  readonly exclude?: readonly string[];
  /** Restores the one path of `paths` (none: all) to this path below the target, instead of its own. */
  readonly as?: string;
  /** What may be replaced in a target that is not empty; absent: nothing, and such a target is refused. */
  readonly overwrite?: Overwrite;
  /** To be deleted in the target before: paths as in the snapshot, which was shown to the user. */
  readonly deletions?: readonly Path[];
  /** Change nothing; the summary has what would be changed. */
  readonly dryRun?: boolean;
  /** Calls to the store at a time; default: what the store says. */
  readonly connections?: number;
  /** What the process may take; default: 256 MiB. */
  readonly memoryBytes?: number;
  /** Ask back what is in cold storage, and wait for it; otherwise meeting it is an `ArchivedError`. */
  readonly thaw?: ThawOptions;
}

export interface ThawOptions {
  readonly speed: Speed;
  /** For how long what was asked back can be read. */
  readonly days: number;
  /** How often to look whether it is there. */
  readonly pollMs: number;
}

export interface RestoreSummary {
  readonly id: string;
  /** Whether files could not be read when the snapshot was made. */
  readonly incomplete: boolean;
  readonly target: string;
  readonly durationMs: number;
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  readonly bytes: number;
  readonly bytesDownloaded: number;
  /** Devices that this user may not make. */
  readonly notMade: number;
  /** Of `deletions`. */
  readonly deleted: number;
  /** Entries that were there as they should be, or might not be touched. */
  readonly kept: number;
  /** Of a dry run. */
  readonly changes: readonly Change[];
  /** Objects of the store that were read, and bytes of them that were fetched more than once. */
  readonly objectsRead: number;
  readonly bytesAgain: number;
  /** Files that could not be restored whole. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
  /** Entries that this machine could not take. */
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/** What every operation is given: where to, whom to tell, when to stop, what time it is. */
export interface Tools {
  readonly store: ObjectStore;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Whose snapshots count; without it those of every host. */
  readonly trust?: Trust;
  /** This machine's host, where it has one. */
  readonly own?: string;
  /** By host: what it is called on this machine. */
  readonly hostNames?: ReadonlyMap<string, string>;
  /** By host: what opens the names in its manifests. */
  readonly namesKeys?: ReadonlyMap<string, string>;
  /** The last snapshot of each source set that this machine knows to have made; none where it does not know. */
  readonly lastMade?: () => readonly {
    readonly id: string;
    readonly name: string;
    readonly finishedAt: string;
  }[];
  /** Manifest and sealed snapshot, as they were stored, of a snapshot that this machine has made, where it has kept them. */
  readonly ownCopy?: (
    id: string,
  ) => { readonly manifest: Uint8Array; readonly sealed: Uint8Array } | undefined;
  /** Keeps manifests and lists, so that they are fetched once. */
  readonly cache?: MetadataCache;
}

/** One line of `snapshot list`, from the public manifest. */
export interface SnapshotInfo {
  readonly id: string;
  readonly host: string;
  /** What is sealed, and cannot be opened here, is missing. */
  readonly hostname: string | undefined;
  /** Source set. */
  readonly name: string | undefined;
  /** Equal for the snapshots of one source set. */
  readonly set: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly files: number | undefined;
  readonly bytes: number | undefined;
  /** Stored bytes of all blobs that the snapshot needs, shared ones included. */
  readonly storedBytes: number | undefined;
  readonly incomplete: boolean;
  /** Its sources looked wrong, and no one has accepted that. */
  readonly suspicious: boolean;
  /** Public key that its manifest is signed with. */
  readonly hostKey: string;
  /** When the store took it, by the store's clock. */
  readonly storedAt: string;
  /** Kept whatever a policy says. */
  readonly pinned: boolean;
}
