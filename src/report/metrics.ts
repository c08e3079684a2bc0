// The text that node_exporter's textfile collector reads (Prometheus' exposition format).
import { drillLines } from "./drill_metrics.ts";
import { escaped } from "./metric_text.ts";
import type { BackupSummary } from "../operations/backup/options.ts";

/** What is measured of one source set. */
export interface MeasuredSet {
  readonly name: string;
  readonly paths: readonly string[];
  readonly status: "success" | "warning" | "failure";
  /** Missing where it failed. */
  readonly summary?: BackupSummary;
}

export interface MetricsOptions {
  readonly hostname: string;
  /** When the run ended. */
  readonly now: Date;
  /** How often a backup is promised. */
  readonly expectedIntervalMs: number;
  /** Also by the names that dashboards for restic-exporter know. */
  readonly isRestic: boolean;
  readonly version: string;
  /** Source sets that there are: metrics of others are dropped. */
  readonly names: readonly string[];
}

/** Metric name, what it is for people. All are gauges. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ["vaultik_backup_status", "What came of the last run: 0 failed, 1 with warnings, 2 good"],
  ["vaultik_backup_last_run_timestamp_seconds", "When the last run ended"],
  ["vaultik_backup_last_success_timestamp_seconds", "When the last good snapshot was finished"],
  ["vaultik_backup_duration_seconds", "How long the last snapshot took"],
  ["vaultik_backup_files", "Files in the last snapshot"],
  ["vaultik_backup_size_bytes", "Plain bytes of the files in the last snapshot"],
  ["vaultik_backup_files_new", "Files that were not in the snapshot before"],
  ["vaultik_backup_files_changed", "Files that were others in the snapshot before"],
  ["vaultik_backup_files_gone", "Files of the snapshot before that are not there any more"],
  ["vaultik_backup_files_unreadable", "Files that could not be read and are not in the snapshot"],
  ["vaultik_backup_excluded", "Entries left out by the configuration, directories as one"],
  ["vaultik_backup_data_read_bytes", "Bytes read from files"],
  ["vaultik_backup_data_new_bytes", "Plain bytes that the store did not have"],
  ["vaultik_backup_data_added_bytes", "Bytes added to the store"],
  ["vaultik_backup_incomplete", "Whether files could not be read"],
  ["vaultik_backup_suspicious", "Whether the sources look wrong"],
  ["vaultik_expected_interval_seconds", "How often a backup is promised"],
  ["restic_backup_timestamp", "When the last backup was made"],
  ["restic_backup_files_total", "Files in the last backup"],
  ["restic_backup_size_total", "Plain bytes of the last backup"],
  ["restic_backup_files_new", "Files that were not in the backup before"],
  ["restic_backup_files_changed", "Files that were others in the backup before"],
  ["restic_backup_files_unmodified", "Files that are as in the backup before"],
  ["restic_backup_data_added_bytes", "Bytes added to the store"],
  ["restic_backup_duration_seconds", "How long the last backup took"],
]);

/** By metric and source set a line each. */
type Samples = Map<string, Map<string, string>>;

/**
 * The whole text. What `previous`, the text of before, says of source sets that were not made now stays, and so does their last success, and
 * what it says of drills.
 */
export function metricsText(
  previous: string,
  sets: readonly MeasuredSet[],
  options: MetricsOptions,
): string {
  const samples = parseSamples(previous, options.names);
  for (const set of sets) {
    for (const [metric, value] of valuesOf(set, options)) add(samples, metric, set.name, labelsOf, value);
    if (!options.isRestic || set.summary === undefined) continue;
    const labels = () => resticLabels(set, set.summary!, options);
    for (const [metric, value] of resticValues(set.summary)) add(samples, metric, set.name, labels, value);
  }
  const lines = [...FAMILIES].flatMap(([metric, help]) => {
    const lines = metric.startsWith("restic_") && !options.isRestic
      ? []
      : [...samples.get(metric)?.values() ?? []];
    return lines.length === 0 ? [] : [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, ...lines];
  });
  return [...lines, ...drillLines(previous)].map((line) => line + "\n").join("");

  function labelsOf(name: string): [string, string][] {
    return [["host", options.hostname], ["snapshot", name]];
  }
}

function add(
  samples: Samples,
  metric: string,
  name: string,
  labelsOf: (name: string) => [string, string][],
  value: number,
): void {
  const lines = samples.get(metric) ?? new Map<string, string>();
  const labels = labelsOf(name).map(([label, text]) => `${label}="${escaped(text)}"`).join(",");
  lines.set(name, `${metric}{${labels}} ${value}`);
  samples.set(metric, lines);
}

const SAMPLE = /^([a-z_]+)\{.*(?:^|[,{])(?:snapshot|snapshot_tag)="([^"\\]*)".*\} \S+$/;

function parseSamples(text: string, names: readonly string[]): Samples {
  const samples: Samples = new Map();
  for (const line of text.split("\n")) {
    const [, metric, name] = SAMPLE.exec(line) ?? [];
    if (metric === undefined || name === undefined || !names.includes(name)) continue;
    const lines = samples.get(metric) ?? new Map<string, string>();
    samples.set(metric, lines.set(name, line));
  }
  return samples;
}

const STATUS = { failure: 0, warning: 1, success: 2 };

function* valuesOf(
  { status, summary }: MeasuredSet,
  { now, expectedIntervalMs }: MetricsOptions,
): Generator<[string, number]> {
  yield ["vaultik_backup_status", STATUS[status]];
  yield ["vaultik_backup_last_run_timestamp_seconds", Math.floor(now.getTime() / 1000)];
  yield ["vaultik_expected_interval_seconds", expectedIntervalMs / 1000];
  if (summary === undefined) return;
  if (status === "success") yield ["vaultik_backup_last_success_timestamp_seconds", finishedAt(summary)];
  yield ["vaultik_backup_duration_seconds", summary.durationMs / 1000];
  yield ["vaultik_backup_files", summary.files];
  yield ["vaultik_backup_size_bytes", summary.bytes];
  yield ["vaultik_backup_files_new", summary.fileChanges?.new ?? summary.files];
  yield ["vaultik_backup_files_changed", summary.fileChanges?.changed ?? 0];
  yield ["vaultik_backup_files_gone", summary.fileChanges?.gone ?? 0];
  yield ["vaultik_backup_files_unreadable", summary.unreadable.length];
  if (summary.excluded !== undefined) yield ["vaultik_backup_excluded", summary.excluded];
  yield ["vaultik_backup_data_read_bytes", summary.bytesRead];
  yield ["vaultik_backup_data_new_bytes", summary.bytesNew];
  yield ["vaultik_backup_data_added_bytes", summary.bytesUploaded];
  yield ["vaultik_backup_incomplete", Number(summary.incomplete)];
  yield ["vaultik_backup_suspicious", Number(summary.suspicious.length > 0)];
}

function* resticValues(summary: BackupSummary): Generator<[string, number]> {
  const { new: added = summary.files, changed = 0 } = summary.fileChanges ?? {};
  yield ["restic_backup_timestamp", finishedAt(summary)];
  yield ["restic_backup_files_total", summary.files];
  yield ["restic_backup_size_total", summary.bytes];
  yield ["restic_backup_files_new", added];
  yield ["restic_backup_files_changed", changed];
  yield ["restic_backup_files_unmodified", Math.max(0, summary.files - added - changed)];
  yield ["restic_backup_data_added_bytes", summary.bytesUploaded];
  yield ["restic_backup_duration_seconds", summary.durationMs / 1000];
}

function resticLabels(
  { name, paths }: MeasuredSet,
  { id }: BackupSummary,
  { hostname, version }: MetricsOptions,
): [string, string][] {
  return [
    ["client_hostname", hostname],
    ["client_username", ""],
    ["client_version", `vaultik ${version}`],
    ["snapshot_hash", id],
    ["snapshot_tag", name],
    ["snapshot_tags", name],
    ["snapshot_paths", paths.join(",")],
  ];
}

function finishedAt({ finishedAt }: BackupSummary): number {
  return Math.floor(Date.parse(finishedAt) / 1000);
}
