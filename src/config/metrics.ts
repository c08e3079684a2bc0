import type { Settings } from "./schema.ts";

export interface MetricsConfig {
  /** For the textfile collector of node_exporter. */
  readonly file: string | undefined;
  /** Also by the names of restic-exporter. */
  readonly isRestic: boolean;
  /** Where the daemon serves metrics on 127.0.0.1; absent: nowhere. */
  readonly port?: number;
  /** How often a backup is promised. */
  readonly expectedIntervalMs: number;
}

export function metricsConfig(settings: Settings): MetricsConfig {
  const { metrics_file, metrics_port, metrics_compat, expected_interval } = settings;
  return {
    file: metrics_file,
    ...metrics_port === undefined ? {} : { port: metrics_port },
    isRestic: metrics_compat !== undefined,
    expectedIntervalMs: expected_interval,
  };
}
