import * as v from "valibot";
import { UsageError } from "../base/errors.ts";
import { formatSize } from "../base/units.ts";
import { DEFAULT_BLOB_BYTES } from "../model/blob_size.ts";
import type { GuardLimits } from "../model/guard.ts";
import type { Prices } from "../model/prices.ts";
import type { Trust } from "../model/trust.ts";
import { type DrillConfig, drillConfig } from "./drill.ts";
import { guardLimits } from "./guard.ts";
import { type HooksConfig, hooksConfig } from "./hooks.ts";
import { linesOf } from "./issue_lines.ts";
import { type MetricsConfig, metricsConfig } from "./metrics.ts";
import { type NotifyConfig, notifyConfig } from "./notify.ts";
import { type PruneConfig, pruneConfig } from "./prune.ts";
import { type Refuse, refuser, type Source } from "./refusal.ts";
import { HOST_NAME, HOST_NAMES, SCHEMA, type Settings, STORE_SCHEMA } from "./schema.ts";
import { optionalGuard, type SnapshotConfig, snapshots } from "./snapshots.ts";
import type { Storage } from "./storage.ts";
import { type StorageDefaults, storageOf } from "./storage_settings.ts";
import { trust } from "./trust.ts";

/** Everything that the configuration file decides, checked and with its defaults; frozen throughout. */
export interface Config {
  readonly ageRecipients: readonly string[];
  readonly snapshots: readonly SnapshotConfig[];
  /** Of source sets that have none of their own; missing where it is off. */
  readonly guard?: GuardLimits;
  /** Patterns of all snapshots. */
  readonly exclude: readonly string[];
  readonly storage: Storage;
  readonly indexPath: string;
  readonly chunkSizeBytes: number;
  readonly blobSizeBytes: number;
  readonly compressionLevel: number;
  /** That read, compress, seal, open and write. */
  readonly threads: number;
  /** What a run keeps in memory at most, nearly; docs/configuration.md says how it is divided. */
  readonly memoryBytes: number;
  /** Of messages, where no terminal is. */
  readonly logFormat: "text" | "json";
  readonly hostname: string;
  readonly backupIntervalMs: number;
  readonly fullScanIntervalMs: number;
  readonly minTimeBetweenRunMs: number;
  readonly prune: PruneConfig;
  readonly metrics: MetricsConfig;
  readonly drill: DrillConfig;
  /** Around every source set. */
  readonly hooks?: HooksConfig;
  /** Who gets a notice of each run. */
  readonly notify?: NotifyConfig;
  readonly prices: Prices | undefined;
  /** Names of directories below which changes are no reason for the daemon to run. */
  readonly quietNames: readonly string[];
  /** What tells the daemon of changes. */
  readonly watcher: "auto" | "inotify" | "deno";
  /** Write hostname, source set and totals into manifests in clear. */
  readonly publicNames: boolean;
  /** Whose snapshots count; without it those of every host. */
  readonly trust?: Trust;
}

/** What the configuration takes from the machine where it says nothing itself. */
export interface MachineDefaults extends StorageDefaults {
  readonly hostname: string;
  readonly indexPath: string;
  readonly cores: number;
}

/** More find nothing to do between most disks and lines, and each costs memory. */
const MAX_DEFAULT_THREADS = 4;

/** The configuration in `value`, as YAML gives it. Throws `UsageError`; `source` is the file's name for its message. */
export function parseConfig(value: unknown, source: Source, defaults: MachineDefaults): Config {
  const refuse = refuser(source);
  const settings = checked(SCHEMA, value, refuse);
  return freeze({
    ageRecipients: settings.age_recipients,
    snapshots: snapshots(settings, refuse),
    exclude: settings.exclude,
    ...optionalGuard(guardLimits(settings.guard)),
    storage: storageOf(settings, defaults, refuse),
    indexPath: settings.index_path ?? defaults.indexPath,
    chunkSizeBytes: settings.chunk_size,
    blobSizeBytes: blobSize(settings, value, refuse),
    compressionLevel: settings.compression_level,
    threads: settings.threads ?? defaultThreads(defaults.cores),
    memoryBytes: settings.memory,
    logFormat: settings.log_format,
    hostname: hostname(settings, defaults.hostname, refuse),
    backupIntervalMs: settings.backup_interval,
    fullScanIntervalMs: settings.full_scan_interval,
    minTimeBetweenRunMs: settings.min_time_between_run,
    quietNames: settings.quiet_names,
    watcher: settings.watcher,
    prune: pruneConfig(settings),
    metrics: metricsConfig(settings),
    drill: drillConfig(settings),
    ...settings.hooks === undefined ? {} : { hooks: hooksConfig(settings.hooks) },
    ...settings.notify === undefined ? {} : { notify: notifyConfig(settings.notify) },
    publicNames: settings.names === "public",
    ...trust(settings, refuse),
    prices: prices(settings),
  });
}

/** What a configuration says of its store, and nothing else of it, so that a file may hold that alone. Throws `UsageError`. */
export function parseStorage(value: unknown, source: Source, defaults: StorageDefaults): Storage {
  const refuse = refuser(source);
  return freeze(storageOf(checked(STORE_SCHEMA, value, refuse), defaults, refuse));
}

/** All that is wrong with `value`, a message each; none where {@link parseConfig} takes it. */
export function faultsIn(value: unknown, source: Source, defaults: MachineDefaults): string[] {
  const refuse = refuser(source);
  const { issues = [] } = v.safeParse(SCHEMA, value, { abortPipeEarly: true });
  if (issues.length > 0) return linesOf(issues).map((line) => refuse(line).message);
  try {
    parseConfig(value, source, defaults);
    return [];
  } catch (error) {
    if (error instanceof UsageError) return [error.message];
    throw error;
  }
}

function checked<Output>(schema: v.GenericSchema<any, Output>, value: unknown, refuse: Refuse): Output {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw refuse(linesOf(result.issues)[0]!);
}

export function defaultThreads(cores: number): number {
  return Math.max(1, Math.min(MAX_DEFAULT_THREADS, cores));
}

function blobSize({ chunk_size, blob_size_limit }: Settings, given: unknown, refuse: Refuse): number {
  const min = 4 * chunk_size;
  const size = blob_size_limit ?? Math.max(DEFAULT_BLOB_BYTES, min);
  if (size >= min) return size;
  const { blob_size_limit: shown } = given as Readonly<Record<string, unknown>>;
  throw refuse(
    `blob_size_limit is ${JSON.stringify(shown)}; ` +
      `allowed is a size from ${formatSize(min)} (4 times chunk_size) to 512 MiB`,
  );
}

function hostname(settings: Settings, fallback: string, refuse: Refuse): string {
  if (settings.hostname !== undefined) return settings.hostname;
  if (HOST_NAME.test(fallback)) return fallback;
  throw refuse(
    `this machine's name ${JSON.stringify(fallback)} cannot be used; set hostname to ${HOST_NAMES}`,
  );
}

function prices({ prices: perGiB }: Settings): Prices | undefined {
  return perGiB === undefined ? undefined : { perGiB, basis: "by the prices of the configuration" };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
