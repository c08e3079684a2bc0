import type { SelectionRules } from "../../model/selection.ts";
import type { Path } from "../../model/path.ts";
import type { IsExcluded } from "../../scan/exclude.ts";

/** What of the file system belongs to one named snapshot. */
export interface Area extends SelectionRules {
  readonly name: string;
  readonly roots: readonly Path[];
  readonly isExcluded: IsExcluded;
}

/** Whom a watcher tells. Quiet changes are to be backed up, but are no reason for a backup. Nothing here may throw. */
export interface ChangeSink {
  /** The directory at `path`, or something directly in it, may have changed. */
  directory(area: Area, path: Path, isQuiet: boolean): void;
  /** What is at `path`, with all below it, may have changed. */
  subtree(area: Area, path: Path, isQuiet: boolean): void;
  /** Something that the user should correct, said once. */
  warning(text: string): void;
}

/** `auto` is inotify where there is one. */
export type WatcherKind = "auto" | "inotify" | "deno";

export interface WatchOptions {
  readonly areas: readonly Area[];
  /** Names of directories below which changes are quiet: `.git`, `node_modules`. */
  readonly quietNames: readonly string[];
  readonly sink: ChangeSink;
}

/**
 * Tells what changes. A change that was made before `catchUp` was called has been reported when it returns, or something above it has
 * been reported as dirty: nothing is lost, whatever the operating system loses.
 */
export interface Watcher extends AsyncDisposable {
  /** Takes in what the system has queued, and looks for what it does not tell of: roots that came or went, mounts, lost events. */
  catchUp(): Promise<void>;
  readonly state: WatchState;
}

export interface WatchState {
  /** Directories watched, where the system counts them. */
  readonly directories: number;
  readonly roots: readonly { readonly path: Path; readonly isThere: boolean }[];
  /** What cannot be watched, and is scanned at each interval instead. */
  readonly unwatched: readonly { readonly path: Path; readonly reason: string }[];
}
