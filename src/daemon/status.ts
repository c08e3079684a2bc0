import type { WatchState } from "./watch/watcher.ts";

/**
 * Of a run: what of its snapshots is worst. An incomplete one lacks files that could not be read; the sources of a suspicious one
 * looked wrong.
 */
export type Outcome = typeof OUTCOMES[number];
export const OUTCOMES = ["complete", "incomplete", "suspicious", "failed"] as const;

/** What `vaultik daemon status` shows; moments are ISO 8601. */
export interface DaemonStatus {
  readonly state: "starting" | "waiting" | "running" | "stopping";
  readonly startedAt: string;
  readonly watch: WatchState | undefined;
  readonly snapshots: readonly SnapshotStatus[];
  /** End of the last run, and how long it took. */
  readonly lastRun:
    | { readonly endedAt: string; readonly durationMs: number; readonly outcome: Outcome }
    | undefined;
  /** Why the last run of a snapshot failed, until all of them have succeeded since. */
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
  readonly lastSuccess:
    | {
      readonly at: string;
      readonly id: string;
      readonly incomplete: boolean;
      readonly suspicious: boolean;
    }
    | undefined;
  readonly hasFailed: boolean;
}
