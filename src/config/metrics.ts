import type { Section } from "./section.ts";

export const METRICS_KEYS = ["metrics_file", "metrics_compat", "expected_interval"];

export interface MetricsConfig {
  /** For the textfile collector of node_exporter. */
  readonly file: string | undefined;
  /** Also by the names of restic-exporter. */
  readonly isRestic: boolean;
  /** How often a backup is promised. */
  readonly expectedIntervalMs: number;
}

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;

export function metrics(top: Section): MetricsConfig {
  const file = top.text("metrics_file", "an absolute path that ends with .prom");
  if (file !== undefined && !/^\/.*\.prom$/.test(file)) {
    throw top.refusal("metrics_file", "an absolute path that ends with .prom");
  }
  return {
    file,
    isRestic: top.choice("metrics_compat", ["restic"]) !== undefined,
    expectedIntervalMs: top.duration("expected_interval", "24h", { min: MINUTE_MS, max: YEAR_MS }),
  };
}
