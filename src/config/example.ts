/** What `init` knows already; what it does not know is left for the user to fill in. */
export interface ExampleParts {
  readonly recipients: readonly string[];
  readonly storageUrl?: string;
  readonly s3?: S3Parts;
  readonly indexPath?: string;
  /** At least one. */
  readonly paths: readonly string[];
  /** Patterns of what is left out. */
  readonly exclude: readonly string[];
}

const OF_MACOS = [
  "/dev/",
  "/tmp/",
  "/private/tmp/",
  "/private/var/folders/",
  "/private/var/vm/",
  "/Library/Caches/",
  "/Users/*/Library/Caches/",
  "/Users/*/.Trash/",
  // What macOS puts beside files on other file systems, and keeps for itself.
  "._*",
  ".DS_Store",
  ".Spotlight-V100/",
  ".fseventsd/",
];

const OF_LINUX = [
  "/proc/",
  "/sys/",
  "/dev/",
  "/run/",
  "/tmp/",
  "/var/tmp/",
  "/var/cache/",
  "/home/*/.cache/",
  "/root/.cache/",
];

/** What a new configuration leaves out: caches, and what is no data. */
export function cachesAndNoData(os: string = Deno.build.os): readonly string[] {
  return os === "darwin" ? OF_MACOS : OF_LINUX;
}

/** How S3 is reached, as far as it is known. */
export interface S3Parts {
  readonly endpoint?: string;
  readonly accessKeyId?: string;
  /** The file that holds the other half. */
  readonly secretFile?: string;
}

/** As in a configuration. */
export function s3Section({ endpoint, accessKeyId, secretFile }: S3Parts): Record<string, string> {
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(accessKeyId === undefined ? {} : { access_key_id: accessKeyId }),
    ...(secretFile === undefined ? {} : { secret_access_key: `file:${secretFile}` }),
  };
}

const ABOUT_RECIPIENTS = `# yaml-language-server: $schema=config.schema.json
# Configuration of Vaultik (YAML). For editors: vaultik config schema > config.schema.json, beside this file. Other files can be
# included, and values be taken from the environment: \${VAR} (docs/configuration.md). Sizes: 10MB, 64MiB, plain bytes. Durations: 90s, 15m, 1h30m, 1d.

# Who can open the backups: age public keys, all of one kind (age1… or age1pq1…). The secret keys (identities) do not belong
# on this machine. "vaultik keygen" makes a pair.
`;

const ABOUT_STORE = `

# Where the backups go: file:///absolute/path, s3://BUCKET/PREFIX or rclone://REMOTE/PATH.
`;

const ABOUT_S3 = `

# For S3. Without keys here, AWS's usual environment variables and profiles are used. Keep this file to its owner (chmod 600)
# when it holds a key, or name files that hold them: access_key_id_file, secret_access_key_file.
`;

const S3_AND_MORE = `#  endpoint: "https://s3.example.com"
#  region: "us-east-1"
#  access_key_id: "…"
#  secret_access_key: "…"
#  part_size: 64MiB
#  ca_file: "/etc/ssl/own-authority.pem"
#  idle_timeout: 1m
#  server_side_encryption: "aws:kms"

# For S3: the storage class of each kind of object (metadata and pages are read by each restore, and small), and for how many
# days no one may delete a backup (the bucket must have been made with object lock).
#storage_class: {blobs: "STANDARD_IA"}
#object_lock: {mode: "governance", days: 30}

# How fast the store is written and read; the schedule goes by the clock on the wall.
#limits:
#  upload: 10MiB/s
#  schedule:
#    - {from: "08:00", to: "18:00", upload: 2MiB/s, download: 5MiB/s}

# How many calls the store is asked at a time (16 for S3, 8 for rclone, 2 for a directory), how many threads work (as many as cores, up to
# 4), and what a run may keep in memory: a far store needs many connections, and each blob on its way is in memory.
#connections: 16
#threads: 4
#memory: 256MiB

# What a GiB costs a month, by storage class, for "vaultik store info".
#prices: {default: 0.006}

# What is backed up, by name. "vaultik snapshot create" takes all of them, "vaultik snapshot create NAME" one.
# exclude: patterns as in .gitignore, with / of the file system as their root.
snapshots:
  main:
    `;

const FOR_ALL_SNAPSHOTS = `
    #exclude: ["/home/*/.cache/"]
    #one_file_system: true
    #exclude_caches: true

# For all snapshots: patterns, whether to stay on the file system of each path, and whether to leave out the contents of
# directories marked by a CACHEDIR.TAG. These leave out nothing but caches, and what is no data: the kernel's file systems and
# directories that are emptied when the machine starts.
`;

const RULES_AND_NAMES = `
#one_file_system: false
exclude_caches: true

# A path that lost more than these shares of its files or bytes since the last good backup, is empty though it was not, or is on
# another file system makes the snapshot suspicious: the run says so and ends with 3, and retention keeps the good ones.
# "off" for a path that is emptied usually, also below a snapshot's name.
#guard: {files: 50%, bytes: 50%}

# Which snapshots "vaultik snapshot purge" keeps: what one rule keeps stays. The same below a snapshot's name is for it alone.
#retention:
#  keep_daily: 7
#  keep_weekly: 5
#  keep_monthly: 12

# How long "vaultik prune" waits before it deletes what no snapshot needs: more than the longest backup takes. And the least age of what it
# deletes, for storage classes that bill a least time.
#prune_grace: 24h
#prune_min_age: 0s

# Share of a blob that may be unused before the next backup stores the rest of it again.
#max_waste: 30%

# Commands around every backup; the same below a snapshot's name is for it alone (docs/hooks.md).
#hooks: {before: "true", finally: "true", timeout: 10m}

# Who gets a notice of each run (docs/notices.md), and a file of metrics for Prometheus' node_exporter.
#notify:
#  healthchecks: "https://hc-ping.com/…"
#  mail: ["root"]
#metrics_file: "/var/lib/node_exporter/vaultik.prom"
#expected_interval: 24h

# The name of this host; by default the machine's own. It, the names above and the totals of a snapshot are sealed: "public" writes
# them in clear, for whoever may list the store.
#hostname: "web1"
#names: sealed

# A cache of what the store holds already. Losing it costs time, never data.
`;

const INDEX_AND_DAEMON = `

# Average size of a chunk (a power of two from 64KiB to 16MiB), largest size of a blob, zstd level (1 to 19).
#chunk_size: 1MiB
#blob_size_limit: 17MiB
#compression_level: 3

# Whose snapshots count when they are listed, restored, verified or deleted: others could be made by whoever can write to the
# store. "vaultik info" shows the line of a host. Those of other hosts are ignored with a warning, or refused.
# A second key in the line shows what that host's snapshots are called; it opens nothing else.
#trusted_hosts: ["web1 pLa9X3uqJ3OJFFdglP4XyH/l0hYiN9QZM43g2LY2E0M="]
#untrusted_snapshots: ignore

# For the daemon: how often to back up, how often to look at every file, and the least pause between two runs.
#backup_interval: 1h
#full_scan_interval: 24h
#min_time_between_run: 15m
# Directories of these names start no run by themselves; what changes in them is backed up with the next one.
#quiet_names: [".git", "node_modules", "__pycache__"]
# What tells the daemon of changes: the better one of this system (auto), inotify, or Deno's own watcher (deno).
#watcher: auto
`;

/**
 * A commented configuration. A line that begins with `# ` explains; one that begins with `#` and a letter is a setting that is off,
 * with its default or an example as the value.
 */
export function exampleConfig(
  { recipients, storageUrl, s3 = {}, indexPath, paths, exclude }: ExampleParts,
): string {
  return [
    ABOUT_RECIPIENTS,
    recipients.length === 0 ? '#age_recipients: ["age1…"]' : list("age_recipients", recipients),
    ABOUT_STORE,
    storageUrl === undefined ? '#storage_url: "file:///srv/backup"' : `storage_url: ${quoted(storageUrl)}`,
    ABOUT_S3,
    s3Lines(s3),
    S3_AND_MORE,
    list("paths", paths).replaceAll("\n", "\n    "),
    FOR_ALL_SNAPSHOTS,
    exclude.length === 0 ? '#exclude: ["/var/cache/"]' : list("exclude", exclude),
    RULES_AND_NAMES,
    indexPath === undefined
      ? '#index_path: "/var/lib/vaultik/index.sqlite"'
      : `index_path: ${quoted(indexPath)}`,
    INDEX_AND_DAEMON,
  ].join("");
}

function s3Lines(s3: S3Parts): string {
  const lines = Object.entries(s3Section(s3)).map(([key, value]) => `  ${key}: ${quoted(value)}\n`);
  return lines.length === 0 ? "#s3:\n" : `s3:\n${lines.join("")}`;
}

function list(key: string, values: readonly string[]): string {
  return [`${key}:`, ...values.map((value) => `  - ${quoted(value)}`)].join("\n");
}

/** JSON's strings are strings of YAML too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
