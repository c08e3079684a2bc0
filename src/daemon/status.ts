import type { WatchState } from "./watch/watcher.ts";

/** What `vaultik daemon status` shows; moments are ISO 8601. */
export interface DaemonStatus {
  readonly state: "starting" | "waiting" | "running" | "stopping";
  readonly startedAt: string;
  readonly watch: WatchState | undefined;
  readonly snapshots: readonly SnapshotStatus[];
  /** End of the last run, and how long it took. */
  readonly lastRun:
    | { readonly endedAt: string; readonly durationMs: number; readonly failed: boolean }
    | undefined;
  readonly lastError: { readonly at: string; readonly message: string } | undefined;
  /** When it is looked next whether something has changed, or a failed run is repeated. */
  readonly nextRunAt: string | undefined;
  readonly nextFullScanAt: string | undefined;
}

export interface SnapshotStatus {
  readonly name: string;
  readonly dirtyDirectories: number;
  readonly dirtySubtrees: number;
  /** The next run looks at everything. */
  readonly needsFullScan: boolean;
  readonly lastSuccess: { readonly at: string; readonly id: string } | undefined;
  readonly hasFailed: boolean;
}
