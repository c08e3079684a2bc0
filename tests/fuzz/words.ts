import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { UsageError } from "../../src/base/errors.ts";
import { formatDuration, formatSize, parseDuration, parsePercent, parseSize } from "../../src/base/units.ts";
import { parseConfig, parseStorage } from "../../src/config/config.ts";
import { parseYaml } from "../../src/config/read.ts";
import { contentName, parseContentName, snapshotOfManifest, splitHostName } from "../../src/model/names.ts";
import { parsePathPattern, passes } from "../../src/model/path_pattern.ts";
import { parseSnapshotWord } from "../../src/model/snapshot_word.ts";
import { formatTrustedHost, parseTrustedHost } from "../../src/model/trust.ts";
import { run } from "../../src/cli/app.ts";
import { testIo } from "../cli/in_process.ts";
import { mutateJson, mutateText, type Mutation, mutations } from "./mutations.ts";
import { outcomeOf, type Target, target } from "./target.ts";

const DEFAULTS = {
  hostname: "web1",
  indexPath: "/var/lib/vaultik/index.sqlite",
  cores: 2,
  readSecret: (path: string) => `secret of ${path}`,
};

/** Every key of a configuration, with a value that it takes. */
const CONFIG = {
  age_recipients: ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"],
  storage_url: "s3://backup/web1",
  s3: {
    endpoint: "https://s3.example.com",
    region: "r",
    access_key_id: "A",
    secret_access_key: "HIDDENKEY",
    part_size: "64MiB",
  },
  storage_class: { blobs: "STANDARD_IA" },
  object_lock: { mode: "governance", days: 30 },
  limits: {
    upload: "10MiB/s",
    schedule: [{ from: "08:00", to: "18:00", upload: "2MiB/s", download: "5MiB/s" }],
  },
  connections: 8,
  threads: 4,
  memory: "256MiB",
  prices: { default: 0.006 },
  snapshots: {
    main: {
      paths: ["/etc", "/home"],
      exclude: ["*.tmp"],
      one_file_system: true,
      retention: { keep_last: 3 },
    },
  },
  exclude: ["*.tmp"],
  retention: { keep_daily: 7, keep_within: "30d" },
  prune_grace: "24h",
  max_waste: "30%",
  hostname: "web1",
  names: "sealed",
  index_path: "/var/lib/vaultik/index.sqlite",
  chunk_size: "1MiB",
  blob_size_limit: "16MiB",
  compression_level: 3,
  trusted_hosts: ["web1 pLa9X3uqJ3OJFFdglP4XyH/l0hYiN9QZM43g2LY2E0M="],
  untrusted_snapshots: "ignore",
  backup_interval: "1h",
  full_scan_interval: "24h",
  quiet_names: [".git"],
  watcher: "auto",
};

function yamlText(members: readonly Mutation[], bytes: readonly Mutation[], isPlain: boolean): string {
  const value = mutateJson(CONFIG, members);
  return mutateText(isPlain ? stringify(value) : JSON.stringify(value) ?? "", bytes);
}

const yaml = fc.tuple(mutations(3), fc.oneof(fc.constant([]), mutations(3)), fc.boolean())
  .map(([members, bytes, isPlain]) => yamlText(members, bytes, isPlain));

const configuration = target("configuration", yaml, (text) => {
  const isInPlace = /secret_access_key"?: ?"?HIDDENKEY/.test(text) && text.split("HIDDENKEY").length === 2;
  const refused = <T>(work: () => T) => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (isInPlace) assert.doesNotMatch(error.message, /HIDDENKEY/);
      return undefined;
    }
  };
  const value = refused(() => parseYaml(text, "c.yml"));
  const config = refused(() => parseConfig(value, "c.yml", DEFAULTS));
  refused(() => parseStorage(value, "c.yml", DEFAULTS));
  if (config === undefined) return;
  assert.ok(config.ageRecipients.length > 0 && config.snapshots.length > 0);
  for (const number of [config.threads, config.memoryBytes, config.backupIntervalMs, config.chunkSizeBytes]) {
    assert.ok(Number.isSafeInteger(number) && number > 0, String(number));
  }
}, 100);

const NOW = new Date("2025-06-30T12:00:00Z");
const WORDS = [
  "latest~3",
  "20250630T120000Z-abcdefgh-5e0c9b1f",
  "2025-06-30 13:05",
  "3 days ago",
  "999999 years ago",
  "10.5MiB",
  "1h30m",
  "5%",
];
const NAMES = [
  "hosts/abcdefghijklmnopqrstuvwxyz/snapshots/20250630T120000Z-abcdefgh-5e0c9b1f/manifest.json.zst",
  `blobs/ab/cd/abcd${"0".repeat(60)}`,
  `lists/ab/abcd${"0".repeat(60)}`,
  `web1 ${"A".repeat(43)}= ${"B".repeat(43)}=`,
];

const word = fc.tuple(fc.constantFrom(...WORDS, ...NAMES), mutations()).map(([text, changes]) =>
  mutateText(text, changes)
);

const words = target("words", word, (text) => {
  const found = parseSnapshotWord(text, NOW);
  if (found?.kind === "before") assert.ok(!Number.isNaN(found.time.getTime()), text);
  if (found !== undefined) assert.ok(Number.isSafeInteger(found.back) && found.back >= 0);
  for (const number of [parseSize(text), parseDuration(text)]) {
    assert.ok(number === undefined || Number.isSafeInteger(number) && number >= 0, String(number));
    if (number !== undefined) formatSize(number) && formatDuration(number);
  }
  const percent = parsePercent(text);
  assert.ok(percent === undefined || percent > 0 && percent <= 1);
  const host = parseTrustedHost(text);
  if (host !== undefined) assert.deepEqual(parseTrustedHost(formatTrustedHost(host)), host);
  const content = parseContentName(text);
  if (content !== undefined) assert.equal(contentName(content.kind, content.id), text);
  const split = splitHostName(text);
  if (split !== undefined) snapshotOfManifest(split.rest);
}, 1_000);

const PATHS = ["/etc/hosts", "/home/a/b/c/d/e/f/g/h.conf", "/" + "a/".repeat(100) + "b", "/\xff\n"];
const PATTERNS = ["*.conf", "/etc/**/*.conf", "/home/[a-z]*/?/**", "[!a]\\*", "/**/a/**/b/**/c"];

const patterns = target(
  "path pattern",
  fc.tuple(fc.constantFrom(...PATTERNS), mutations()).map(([text, changes]) =>
    mutateText(text, changes.slice(0, 3))
  ),
  async (text) => {
    // What is repeated thousands of times is no pattern that anybody types.
    const pattern = await outcomeOf([UsageError], () => parsePathPattern(text.slice(0, 200)));
    for (const path of PATHS) if (pattern !== undefined) passes(pattern.test, path);
  },
  200,
);

const FLAGS = [
  ...[
    "--config",
    "--json",
    "--identity",
    "--storage-url",
    "--host",
    "--all-hosts",
    "--name",
    "--dry-run",
    "--force",
  ],
  ...[
    "--keep-daily",
    "--keep-last",
    "--keep-within",
    "--older-than",
    "--overwrite",
    "--include",
    "--as",
    "--before",
  ],
  ...[
    "--deep",
    "--sample",
    "--size",
    "--newer",
    "--type",
    "--port",
    "--cache",
    "--grace",
    "--to",
    "--daemon",
    "-v",
  ],
];
const VALUES = [
  "latest",
  "latest:/etc",
  "3",
  "-1",
  "1e9",
  "",
  "--",
  "=",
  "file:///nowhere",
  "yesterday",
  "/a",
  "5%",
  "\0",
  "é",
];
const COMMANDS = [
  ...[
    "snapshot create",
    "snapshot list",
    "snapshot verify",
    "snapshot purge",
    "snapshot remove",
    "snapshot pin",
  ],
  ...["snapshot prune", "index rebuild", "index check", "database purge", "daemon status", "daemon run-now"],
  ...[
    "service install",
    "service print",
    "store info",
    "init",
    "keygen",
    "restore",
    "mount",
    "serve",
    "ls",
    "cat",
  ],
  ...[
    "diff",
    "find",
    "history",
    "repair",
    "prune",
    "copy",
    "doctor",
    "info",
    "version",
    "help",
    "snapshot",
    "",
  ],
];

const argv = fc.tuple(
  fc.constantFrom(...COMMANDS),
  fc.array(fc.oneof(fc.constantFrom(...FLAGS, ...VALUES), fc.string({ maxLength: 6 })), { maxLength: 6 }),
  fc.boolean(),
).map(([command, words, isBehind]) => {
  const first = command.split(" ").filter((word) => word !== "");
  return isBehind ? [...words, ...first] : [...first, ...words];
});

/** The command itself does not run: what it would do is not wanted here. */
const commandLine = target("command line", argv, async (words) => {
  const { io, printed } = testIo();
  const calls: unknown[] = [];
  // deno-lint-ignore require-await
  const code = await run(words, io, async ({ usage }, { args }) => {
    calls.push([usage, args]);
    return 0;
  });
  assert.ok(code === 0 && calls.length <= 1 || code === 2, `exit code ${code}: ${printed.stderr}`);
  assert.ok(code === 0 || printed.stderr !== "", "it failed without a word");
  assert.doesNotMatch(printed.stderr, /this is a bug|\n +at /);
}, 60);

export const WORD_TARGETS: readonly Target[] = [configuration, words, patterns, commandLine];
