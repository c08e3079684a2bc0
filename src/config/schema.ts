import * as v from "valibot";
import { parseSize } from "../base/units.ts";
import { parseTrustedHost } from "../model/trust.ts";
import { checkRecipients, withoutComment } from "../seal/recipients.ts";
import { allowed, needed } from "./refusal.ts";
import { DRILL } from "./schema_drill.ts";
import { prices, STORAGE } from "./schema_store.ts";
import { COMMAND, command } from "./commands.ts";
import { DATABASE, database } from "./databases.ts";
import { PATH, path } from "./paths.ts";
import { hasRule, retentionOf } from "./retention.ts";
import { names, optional, required, section } from "./section.ts";
import {
  absolutePath,
  choice,
  DAY,
  duration,
  filePath,
  flag,
  GIB,
  integer,
  KIB,
  list,
  matching,
  MIB,
  MINUTE,
  parsed,
  secret,
  secretAddress,
  share,
  size,
  text,
  YEAR,
} from "./values.ts";

// Every key of the configuration: its kind of value, bounds, default, and what it means. config.ts makes a Config of what it reads;
// docs/config.schema.json is made from it.

export const HOST_NAMES = "1 to 128 letters, digits, dots and dashes, beginning with a letter or digit";
export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/;
const TRUSTED_HOST = '"HOSTNAME KEY [NAMES KEY]", as vaultik info shows it on that host';
export const TRUSTED_HOSTS = `a list of hosts, each ${TRUSTED_HOST}`;
const RECIPIENTS = "a list of age public keys (age1…); vaultik keygen makes one";
const PATTERN = "a pattern as in .gitignore";
const NAME_OF_SET =
  "the snapshot name {value} cannot be part of an id; allowed are 1 to 64 letters, digits, dots and dashes, " +
  "beginning with a letter or digit";
/** `~/x`, `~user/x`, `${HOME}/x`, `$HOME/x`: a shell would put a directory there. */
const OF_SHELL = /^!?(~[\w.-]*\/|\$\{\w+\}|\$\w+\/)/;
const NO_SHELL = "{key} is {value}, which matches nothing: ~ and variables stand for themselves there; " +
  "write the directory, as in /home/*/.cache";
const patterns = list(v.pipe(text(PATTERN), v.check((value) => !OF_SHELL.test(value), NO_SHELL)), PATTERN);

const recipients = v.pipe(
  list(
    v.pipe(text("an age public key (age1…)"), v.trim(), v.transform(withoutComment)),
    "an age public key (age1…)",
  ),
  v.minLength(1, needed(RECIPIENTS)),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.length === 0) return;
    try {
      checkRecipients(dataset.value);
    } catch (error) {
      addIssue({ message: `{key}: ${(error as Error).message.replace(/^Cannot use /, "")}` });
    }
  }),
);

const guard = v.union([
  v.literal("off"),
  v.literal(false),
  section({
    files: optional("share of its files", share("1%")),
    bytes: optional("share of its bytes", share("1%")),
  }),
], "{key} is {value}; allowed is off, or the shares {files: 50%, bytes: 50%}");

const shell = v.union([text("a command"), list(text("a command"), "a command")], allowed("a command"));

const hooks = section({
  before: optional("before a backup; where one fails, the backup is not begun", shell),
  after: optional("after a backup that made a snapshot", shell),
  failed: optional("after a backup that failed", shell),
  finally: optional("at the end in any case", shell),
  timeout: optional("how long each command may take", duration({ min: 1000, max: DAY }), "10m"),
});

const kept = integer({ min: 0, max: 100_000 });
const span = duration({ min: 0, max: 1000 * YEAR });
const RULES = section({
  keep_latest: optional("the newest one", flag(), false),
  keep_last: optional("the newest so many", kept),
  keep_hourly: optional("the newest of each of so many hours", kept),
  keep_daily: optional("the newest of each of so many days", kept),
  keep_weekly: optional("the newest of each of so many weeks", kept),
  keep_monthly: optional("the newest of each of so many months", kept),
  keep_yearly: optional("the newest of each of so many years", kept),
  keep_within: optional("all that are not older than this before the newest", span),
  older_than: optional("all that are not older than this now", span),
});
const RULE = `at least one of ${Object.keys(RULES.pipe[2].entries).join(", ")} that keeps some`;
const retention = v.pipe(RULES, v.transform(retentionOf), v.check(hasRule, needed(RULE)));

const notify = section({
  healthchecks: optional("address of a check of Healthchecks", secretAddress()),
  uptime_kuma: optional("address of a push monitor of Uptime Kuma", secretAddress()),
  ntfy: optional("address of a topic of ntfy", secretAddress()),
  ntfy_token: optional("access token of ntfy", secret()),
  webhook: optional("address that is sent JSON", secretAddress()),
  mail: optional(
    "addresses of mail",
    list(matching(/^(?!-)[\w.+%-]+(@[\w.-]+)?$/, "user@host"), "an address"),
    [],
  ),
  sendmail: optional("the program that sends it", absolutePath(), "/usr/sbin/sendmail"),
  on: optional("whether runs without a problem get a notice too", choice(["problems", "always"]), "problems"),
  details: optional("with messages of errors, in which paths may be", flag(), false),
  timeout: optional("how long each may take", duration({ min: 1000, max: MINUTE }), "10s"),
});

const snapshot = section({
  paths: optional("what is backed up", list(path, PATH)),
  commands: optional("files that are what programs print", list(command, COMMAND), []),
  databases: optional("databases that are dumped", list(database, DATABASE), []),
  exclude: optional("patterns of this source set alone", patterns, []),
  one_file_system: optional("stay on the file system of each path", flag()),
  exclude_caches: optional("leave out what is in directories marked by a CACHEDIR.TAG", flag()),
  guard: optional("what each of its paths may lose before a snapshot is suspicious", guard),
  hooks: optional("commands around its backup", hooks),
  retention: optional("which of its snapshots are kept", retention),
});

const SETS = 'at least one name with "paths" below it';
const snapshots = v.pipe(
  names(
    v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, NAME_OF_SET)),
    v.nullish(snapshot, {} as never),
  ),
  v.check((sets) => Object.keys(sets).length > 0, needed(SETS)),
);

function isPowerOfTwo(size: unknown): boolean {
  return Number.isInteger(Math.log2(parseSize(String(size)) ?? 1));
}

const chunkSize = v.pipe(
  v.unknown(),
  v.check(isPowerOfTwo, allowed("a power of two from 64 KiB to 16 MiB")),
  size({ min: 64 * KIB, max: 16 * MIB }),
);

const interval = duration({ min: MINUTE, max: YEAR });
const wait = duration({ min: 0, max: YEAR });
const quietName = v.pipe(
  text("the name of a directory"),
  v.check((name) => !name.includes("/"), "quiet_names has {value}; allowed are names without a /"),
);
const trustedHosts = v.pipe(
  list(parsed(text(TRUSTED_HOST), parseTrustedHost, allowed(TRUSTED_HOST)), TRUSTED_HOST),
  v.minLength(1, needed(TRUSTED_HOSTS)),
);
const INCLUDE = v.union([text(), list(text(), "a path")], allowed("the path of a file, or a list of them"));
const METRICS_FILE = "an absolute path that ends with .prom";

export const SCHEMA = section({
  include: optional("other files that are read before this one, relative to it", INCLUDE),
  age_recipients: required(
    "public keys that can open the backups: all age1…, or all age1pq1…",
    RECIPIENTS,
    recipients,
  ),
  snapshots: required("named source sets", SETS, snapshots),
  exclude: optional("patterns as in .gitignore, with / of the file system as their root", patterns, []),
  one_file_system: optional("stay on the file system of each path", flag(), false),
  exclude_caches: optional("leave out what is in directories marked by a CACHEDIR.TAG", flag(), false),
  guard: optional("what a path may lose before a snapshot is suspicious", guard, {
    files: "50%",
    bytes: "50%",
  }),
  ...STORAGE,
  prices: optional("what a GiB costs a month in each storage class", prices),
  index_path: optional("the local index", filePath("an absolute path of a file")),
  hostname: optional(
    "name of this host for people (the machine's)",
    matching(HOST_NAME, HOST_NAMES, "a host name"),
  ),
  names: optional(
    "whether hostname, source set and totals are sealed, or for whoever reads the bucket",
    choice(["sealed", "public"]),
    "sealed",
  ),
  chunk_size: optional("average size of a chunk, a power of two", chunkSize, "1MiB"),
  blob_size_limit: optional("largest object of data (17MiB)", size({ min: 0, max: 512 * MIB })),
  compression_level: optional("of zstd", integer({ min: 1, max: 19 }), 3),
  threads: optional(
    "that read, compress and seal (as many as cores, at most 4)",
    integer({ min: 1, max: 64 }),
  ),
  memory: optional(
    "what a run may keep in memory, nearly",
    size({ min: 128 * MIB, max: 64 * GIB }),
    "256MiB",
  ),
  log_format: optional(
    "how messages are written where no terminal is: text, or a line of JSON each",
    choice(["text", "json"]),
    "text",
  ),
  trusted_hosts: optional("whose snapshots count; without it those of every host", trustedHosts),
  untrusted_snapshots: optional("what is done about others", choice(["ignore", "refuse"])),
  retention: optional("what snapshot purge keeps; without it all", retention),
  prune_grace: optional(
    "how long a blob must be there, and then marked for deletion, before prune deletes it",
    wait,
    "24h",
  ),
  prune_min_age: optional("prune marks no younger blob", wait, "0s"),
  max_waste: optional(
    "share of a blob that may be unused before the rest is stored again",
    share("0%"),
    "30%",
  ),
  backup_interval: optional("how often the daemon backs up what changed", interval, "1h"),
  full_scan_interval: optional("how often the daemon looks at everything", interval, "24h"),
  min_time_between_run: optional("the daemon's least pause after a success", wait, "15m"),
  watcher: optional(
    "what tells the daemon of changes: inotify (Linux), Deno's own watcher, or the better one of this system",
    choice(["auto", "inotify", "deno"]),
    "auto",
  ),
  quiet_names: optional(
    "changes in directories of these names are no reason for the daemon to run",
    list(quietName, "the name of a directory"),
    [".git", "node_modules", "__pycache__"],
  ),
  hooks: optional("commands around every backup", hooks),
  notify: optional("who gets a notice of each run", notify),
  drill: optional("what a drill looks at", DRILL, {}),
  metrics_file: optional("a file of metrics for node_exporter", matching(/^\/.*\.prom$/, METRICS_FILE)),
  metrics_port: optional(
    "where the running daemon serves metrics to programs of this machine",
    integer({ min: 1, max: 65_535 }),
  ),
  metrics_compat: optional("metrics also by the names of restic-exporter", choice(["restic"])),
  expected_interval: optional("how often a backup is promised", interval, "24h"),
});

/** What the file says, checked, with its defaults. */
export type Settings = v.InferOutput<typeof SCHEMA>;

/** The same, of which only what is about the store is looked at. */
export const STORE_SCHEMA = section({
  ...Object.fromEntries(Object.keys(SCHEMA.pipe[2].entries).map((key) => [key, v.optional(v.unknown())])),
  ...STORAGE,
});
