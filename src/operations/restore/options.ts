import type { Manifest } from "../../model/manifest.ts";
import type { Path } from "../../model/path.ts";
import type { ThawOptions } from "../../read/thaw.ts";
import type { Identity } from "../../seal/age.ts";
import type { Change } from "./messages.ts";
import type { Overwrite } from "./overwrite.ts";
import type { OwnerOptions } from "./owners.ts";

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
