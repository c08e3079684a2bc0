import { UsageError } from "../base/errors.ts";
import { formatSize } from "../base/units.ts";
import { normalizePath } from "../model/path.ts";
import type { Retention } from "../model/retention.ts";
import type { Trust } from "../model/trust.ts";
import { checkRecipients, withoutComment } from "../seal/recipients.ts";
import { PRUNE_KEYS, type PruneConfig, pruneConfig } from "./prune.ts";
import { retention } from "./retention.ts";
import type { Prices } from "../model/prices.ts";
import { prices } from "./prices.ts";
import type { GuardLimits } from "../model/guard.ts";
import { DEFAULT_GUARD, guard } from "./guard.ts";
import { metrics, METRICS_KEYS, type MetricsConfig } from "./metrics.ts";
import { notify, type NotifyConfig } from "./notify.ts";
import { hooks, type HooksConfig } from "./hooks.ts";
import { limits } from "./limits.ts";
import { Section } from "./section.ts";
import { DEFAULT_CONNECTIONS } from "../store/open.ts";
import { S3_KEYS, S3_TOP_KEYS, s3Connection, type SecretReader } from "./s3.ts";
import {
  cleanPrefix,
  isBucket,
  parseStorageUrl,
  PREFIX_LETTERS,
  type Storage,
  STORAGE_URLS,
  type StoragePlace,
} from "./storage.ts";
import { trust, TRUST_KEYS } from "./trust.ts";

export interface SnapshotConfig {
  readonly name: string;
  /** Absolute and in normal form, without repetitions. */
  readonly paths: readonly string[];
  /** Patterns of this snapshot alone. */
  readonly exclude: readonly string[];
  readonly oneFileSystem: boolean;
  readonly excludeCaches: boolean;
  /** What each of its paths may lose before a snapshot is suspicious; without it whatever it loses. */
  readonly guard?: GuardLimits;
  readonly hooks?: HooksConfig;
  /** Which of its snapshots are kept; without it all are. */
  readonly retention?: Retention;
}

/** Everything that the configuration file decides, checked and with its defaults; frozen throughout. */
export interface Config {
  readonly ageRecipients: readonly string[];
  readonly snapshots: readonly SnapshotConfig[];
  /** Patterns of all snapshots. */
  readonly exclude: readonly string[];
  readonly storage: Storage;
  readonly indexPath: string;
  readonly chunkSizeBytes: number;
  readonly blobSizeBytes: number;
  readonly compressionLevel: number;
  /** That read, compress, seal, open and write. */
  readonly threads: number;
  /** What a run keeps in memory at most, nearly; see the README. */
  readonly memoryBytes: number;
  readonly hostname: string;
  readonly backupIntervalMs: number;
  readonly fullScanIntervalMs: number;
  readonly minTimeBetweenRunMs: number;
  readonly prune: PruneConfig;
  readonly metrics: MetricsConfig;
  /** Around every source set. */
  readonly hooks?: HooksConfig;
  /** Who is told of each run. */
  readonly notify?: NotifyConfig;
  readonly prices: Prices | undefined;
  /** Names of directories below which changes are no reason for the daemon to run. */
  readonly quietNames: readonly string[];
  /** Write hostname, source set and totals into manifests in clear. */
  readonly publicNames: boolean;
  /** Whose snapshots count; without it those of every host. */
  readonly trust?: Trust;
}

/** What the configuration takes from the machine where it says nothing itself. */
export interface MachineDefaults {
  readonly hostname: string;
  readonly indexPath: string;
  readonly cores: number;
  /** Of AWS, where the environment names one. */
  readonly region?: string;
  /** For keys that the configuration has in files of their own; without it such keys are absent. */
  readonly readSecret?: SecretReader;
}

const SNAPSHOT_KEYS = [
  "paths",
  "exclude",
  "one_file_system",
  "exclude_caches",
  "guard",
  "hooks",
  "retention",
];
const KEYS = [
  "age_recipients",
  "snapshots",
  "exclude",
  "one_file_system",
  "exclude_caches",
  "guard",
  "storage_url",
  "s3",
  "index_path",
  "chunk_size",
  "blob_size_limit",
  "compression_level",
  "hostname",
  "backup_interval",
  "full_scan_interval",
  "min_time_between_run",
  "quiet_names",
  "retention",
  ...PRUNE_KEYS,
  "prices",
  "limits",
  "names",
  "connections",
  "threads",
  "memory",
  "hooks",
  "notify",
  ...METRICS_KEYS,
  ...TRUST_KEYS,
  ...S3_TOP_KEYS,
];

/** Written by tools all the time, and with every change of the sources beside them. */
const DEFAULT_QUIET_NAMES = [".git", "node_modules", "__pycache__"];

const MAX_THREADS = 64;
/** More find nothing to do between most disks and lines, and each costs memory. */
const MAX_DEFAULT_THREADS = 4;
const MAX_CONNECTIONS = 64;
export const DEFAULT_MEMORY_BYTES = 256 * 2 ** 20;

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;

/** The configuration in `value`, as YAML gives it. Throws `UsageError`; `source` is the file's name for its message. */
export function parseConfig(value: unknown, source: string, defaults: MachineDefaults): Config {
  const top = new Section(value, { path: "", source }, KEYS);
  const chunkSizeBytes = chunkSize(top);
  const told = notify(top);
  const around = hooks(top);
  return freeze({
    ageRecipients: recipients(top),
    snapshots: snapshots(top),
    exclude: patterns(top),
    storage: storage(top, defaults),
    indexPath: absolutePath(top, "index_path") ?? defaults.indexPath,
    chunkSizeBytes,
    blobSizeBytes: blobSize(top, chunkSizeBytes),
    compressionLevel: top.integer("compression_level", 3, { min: 1, max: 19 }),
    threads: top.integer("threads", defaultThreads(defaults.cores), { min: 1, max: MAX_THREADS }),
    memoryBytes: top.size("memory", DEFAULT_MEMORY_BYTES, { min: 128 * MIB, max: 64 * GIB }),
    hostname: hostname(top, defaults.hostname),
    backupIntervalMs: top.duration("backup_interval", "1h", { min: MINUTE, max: YEAR }),
    fullScanIntervalMs: top.duration("full_scan_interval", "24h", { min: MINUTE, max: YEAR }),
    minTimeBetweenRunMs: top.duration("min_time_between_run", "15m", { min: 0, max: YEAR }),
    quietNames: quietNames(top),
    prune: pruneConfig(top),
    metrics: metrics(top),
    ...around === undefined ? {} : { hooks: around },
    ...told === undefined ? {} : { notify: told },
    publicNames: publicNames(top),
    ...trust(top),
    prices: prices(top),
  });
}

/** What a configuration says of its store, and nothing else of it, so that a file may hold that alone. Throws `UsageError`. */
export function parseStorage(value: unknown, source: string, defaults: MachineDefaults): Storage {
  return freeze(storage(new Section(value, { path: "", source }, KEYS), defaults));
}

function recipients(top: Section): string[] {
  const list = top.texts("age_recipients", "an age public key (age1…)").map((recipient) =>
    withoutComment(recipient.trim())
  );
  if (list.length === 0) {
    throw top.missing("age_recipients", "a list of age public keys (age1…); vaultik keygen makes one");
  }
  try {
    checkRecipients(list);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw top.problem(`age_recipients: ${cause.message.replace(/^Cannot use /, "")}`, { cause });
  }
  return list;
}

function snapshots(top: Section): SnapshotConfig[] {
  const section = top.section("snapshots");
  if (section.keys.length === 0) throw top.missing("snapshots", 'at least one name with "paths" below it');
  const defaults = {
    oneFileSystem: top.flag("one_file_system", false),
    excludeCaches: top.flag("exclude_caches", false),
    guard: guard(top, DEFAULT_GUARD),
    retention: retention(top),
  };
  return section.keys.map((name) => snapshot(section, name, defaults));
}

function snapshot(
  section: Section,
  name: string,
  defaults: Pick<SnapshotConfig, "oneFileSystem" | "excludeCaches" | "guard" | "retention">,
): SnapshotConfig {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(name)) {
    throw section.problem(
      `the snapshot name ${
        JSON.stringify(name)
      } cannot be part of an id; allowed are 1 to 64 letters, digits, dots and dashes, ` +
        "beginning with a letter or digit",
    );
  }
  const own = section.section(name, SNAPSHOT_KEYS);
  const paths = own.texts("paths", "an absolute path").map((path, position) => {
    if (path.startsWith("/") && !path.includes("\0")) return normalizePath(path);
    throw own.problem(
      `${own.pathOf("paths")}[${position}] is ${JSON.stringify(path)}; allowed is an absolute path`,
    );
  });
  if (paths.length === 0) throw own.missing("paths", "a list of absolute paths");
  const around = hooks(own);
  const guarded = guard(own, defaults.guard);
  const kept = retention(own) ?? defaults.retention;
  return {
    name,
    paths: [...new Set(paths)],
    exclude: patterns(own),
    oneFileSystem: own.flag("one_file_system", defaults.oneFileSystem),
    excludeCaches: own.flag("exclude_caches", defaults.excludeCaches),
    ...around === undefined ? {} : { hooks: around },
    ...guarded === undefined ? {} : { guard: guarded },
    ...kept === undefined ? {} : { retention: kept },
  };
}

/** `~/x`, `~user/x`, `${HOME}/x`, `$HOME/x`: a shell would put a directory there. */
const OF_SHELL = /^!?(~[\w.-]*\/|\$\{\w+\}|\$\w+\/)/;

function patterns(section: Section): string[] {
  const patterns = section.texts("exclude", "a pattern as in .gitignore");
  const position = patterns.findIndex((pattern) => OF_SHELL.test(pattern));
  if (position < 0) return patterns;
  throw section.problem(
    `${section.pathOf("exclude")}[${position}] is ${
      JSON.stringify(patterns[position])
    }, which matches nothing: ` +
      "~ and variables stand for themselves there; write the directory, as in /home/*/.cache",
  );
}

function storage(top: Section, defaults: MachineDefaults): Storage {
  const held = limits(top);
  const place = storagePlace(top, defaults);
  const fallback = DEFAULT_CONNECTIONS[place.kind];
  const connections = top.integer("connections", fallback, { min: 1, max: MAX_CONNECTIONS });
  return { ...place, connections, ...held === undefined ? {} : { limits: held } };
}

function storagePlace(top: Section, defaults: MachineDefaults): StoragePlace {
  const url = top.text("storage_url", STORAGE_URLS);
  const s3 = top.section("s3", S3_KEYS);
  const place = url === undefined ? undefined : storageUrl(top, url);
  if (place !== undefined && place.kind !== "s3") {
    if (s3.keys.length > 0) {
      throw top.problem(`s3 is given, but storage_url is ${JSON.stringify(url)}; leave one out`);
    }
    for (const key of S3_TOP_KEYS) {
      if (top.has(key)) {
        throw top.problem(`${key} is for S3, but storage_url is ${JSON.stringify(url)}; leave one out`);
      }
    }
    return place;
  }
  const bucket = s3.text("bucket", "the name of a bucket");
  if (bucket !== undefined && !isBucket(bucket)) {
    throw s3.refusal("bucket", "the name of a bucket, 3 to 63 letters");
  }
  if (bucket !== undefined && place !== undefined && bucket !== place.bucket) {
    throw top.problem(
      `s3.bucket is ${JSON.stringify(bucket)}, but storage_url names ${JSON.stringify(place.bucket)}`,
    );
  }
  const name = place?.bucket ?? bucket;
  if (name === undefined) throw top.missing("storage_url", STORAGE_URLS);
  const prefix = cleanPrefix(s3.text("prefix", "text") ?? "");
  if (prefix === undefined) throw s3.refusal("prefix", PREFIX_LETTERS);
  if (prefix !== "" && place !== undefined && place.prefix !== "" && prefix !== place.prefix) {
    throw top.problem(
      `s3.prefix is ${JSON.stringify(prefix)}, but storage_url names ${JSON.stringify(place.prefix)}`,
    );
  }
  return { kind: "s3", bucket: name, prefix: place?.prefix || prefix, ...s3Connection(top, s3, defaults) };
}

function storageUrl(top: Section, url: string) {
  try {
    return parseStorageUrl(url, "storage_url");
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw top.problem(cause.message.replace(/^Cannot use /, "").replace(/^storage_url /, "storage_url is "), {
      cause,
    });
  }
}

export function defaultThreads(cores: number): number {
  return Math.max(1, Math.min(MAX_DEFAULT_THREADS, cores));
}

function chunkSize(top: Section): number {
  const size = top.size("chunk_size", MIB, { min: 64 * KIB, max: 16 * MIB });
  if (Number.isInteger(Math.log2(size))) return size;
  throw top.refusal("chunk_size", "a power of two from 64 KiB to 16 MiB");
}

function blobSize(top: Section, chunkSizeBytes: number): number {
  const min = 4 * chunkSizeBytes;
  const size = top.size("blob_size_limit", Math.max(16 * MIB, min), { min: 0, max: 512 * MIB });
  if (size >= min) return size;
  throw top.refusal("blob_size_limit", `a size from ${formatSize(min)} (4 times chunk_size) to 512 MiB`);
}

function quietNames(top: Section): readonly string[] {
  if (!top.has("quiet_names")) return DEFAULT_QUIET_NAMES;
  const names = top.texts("quiet_names", "the name of a directory");
  for (const name of names) {
    if (name.includes("/")) {
      throw top.problem(`quiet_names has ${JSON.stringify(name)}; allowed are names without a /`);
    }
  }
  return names;
}

function publicNames(top: Section): boolean {
  const names = top.text("names", "sealed or public") ?? "sealed";
  if (names !== "sealed" && names !== "public") throw top.refusal("names", "sealed or public");
  return names === "public";
}

function hostname(top: Section, fallback: string): string {
  const given = top.text("hostname", "a host name");
  const name = given ?? fallback;
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/.test(name)) return name;
  const allowed = "1 to 128 letters, digits, dots and dashes, beginning with a letter or digit";
  if (given !== undefined) throw top.refusal("hostname", allowed);
  throw top.problem(
    `this machine's name ${JSON.stringify(name)} cannot be used; set hostname to ${allowed}`,
  );
}

function absolutePath(top: Section, key: string): string | undefined {
  const path = top.text(key, "an absolute path");
  if (path === undefined) return undefined;
  if (path.startsWith("/") && !path.endsWith("/") && !path.includes("\0")) return normalizePath(path);
  throw top.refusal(key, "an absolute path of a file");
}

function freeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
