import type { Settings } from "./schema.ts";

export interface MetricsConfig {
  /** For the textfile collector of node_exporter. */
  readonly file: string | undefined;
  /** Also by the names of restic-exporter. */
  readonly isRestic: boolean;
  /** How often a backup is promised. */
  readonly expectedIntervalMs: number;
}

export function metricsConfig({ metrics_file, metrics_compat, expected_interval }: Settings): MetricsConfig {
  return {
    file: metrics_file,
    isRestic: metrics_compat !== undefined,
    expectedIntervalMs: expected_interval,
  };
}
