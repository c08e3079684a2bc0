import { CorruptionError, NotFoundError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount, formatSize, parseSize } from "../../base/units.ts";
import type { Entry, Kind } from "../../model/entry.ts";
import { entryJson } from "../../model/entry_json.ts";
import { timeText } from "../../model/entry_text.ts";
import { displayPath, type Path } from "../../model/path.ts";
import { onlyPath, parsePathPattern, passes } from "../../model/path_pattern.ts";
import { parseTime } from "../../model/time_word.ts";
import { openForBrowsing } from "../../operations/browse/open_snapshot.ts";
import { hasContentHash } from "../../operations/browse/content_hash.ts";
import {
  findVersions,
  type MatchesEntry,
  type SnapshotRange,
  type Version,
  type Wanted,
} from "../../operations/browse/versions.ts";
import { withNamesKeys } from "../../read/sealed_keys.ts";
import { OpenedCache } from "../../read/opened_cache.ts";
import { type SourceSet, sourceSets } from "../../read/source_sets.ts";
import { type CommandSpec, flag } from "../command.ts";
import { shownPath } from "../entry_row.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import type { Io } from "../io.ts";
import { openWithThreads } from "../browser.ts";
import { NAME_OPTION, resolveWithKey } from "../looked_at.ts";
import { absolutePath } from "../snapshot_path.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { Rows } from "../rows.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface FindFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
  readonly size?: string;
  readonly newer?: string;
  readonly older?: string;
  readonly type?: string;
  readonly contentHash?: string;
}

const KINDS: readonly Kind[] = ["file", "directory", "symlink", "fifo", "char_device", "block_device"];

const SHARED_OPTIONS = () => [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS(), JSON_OPTION()];
const VERSIONS =
  "Each version is listed once: when it was changed, its size, the first and the last snapshot that " +
  "have it by the beginnings of their ids, and how many have it. Times are in UTC.";

export const find: CommandSpec<FindFlags> = {
  usage: "find <pattern> [id...]",
  summary: "Find files in all snapshots, or in those named: each version once",
  details:
    `The pattern is a name (hosts, '*.conf') or, with a /, a whole path ('/etc/**/*.conf'). ${VERSIONS}`,
  options: [
    flag("--size <size>", "at least so large, or with - before it at most: 10MiB, -1KiB"),
    flag("--newer <time>", 'changed at that time or later: 2026-11-20, "3 days ago"'),
    flag("--older <time>", "changed before that time"),
    flag("--type <type>", "file, directory, symlink, fifo, char_device or block_device").choices(KINDS),
    flag(
      "--content-hash <sha256>",
      "contents with this SHA-256, as sha256sum prints it; larger files are read for it, so give --size too",
    ).argParser(toHash),
    ...SHARED_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik find '*.conf' --newer '1 week ago' --identity key.txt",

  async run({ args: [pattern, words], options, io }) {
    const { test, within } = parsePathPattern(pattern);
    const filter = filterOf(options, io.now());
    const byEntry: MatchesEntry = (entry) => passes(test, entry.path) && filter(entry);
    const { contentHash } = options;
    const all = contentHash === undefined ? byEntry : hasContentHash(contentHash, byEntry);
    return await search({ within, at: test, matches: all, what: pattern }, words, options, io);
  },
};

export const history: CommandSpec<FindFlags> = {
  usage: "history <path>",
  summary: "Show every version of a file or directory, and which snapshots have it",
  details: VERSIONS,
  options: SHARED_OPTIONS(),
  exits: [4, 5, 6],
  example: "vaultik history /etc/hosts --identity key.txt",

  async run({ args: [text], options, io }) {
    const path = absolutePath(text);
    const matches = (entry: Entry) => entry.path === path;
    return await search({ within: path, at: onlyPath(path), matches, what: text }, [], options, io);
  },
};

interface Asked extends Wanted {
  /** For messages. */
  readonly what: string;
}

async function search(
  { what, ...wanted }: Asked,
  words: readonly string[],
  options: FindFlags,
  io: Io,
): Promise<number> {
  using output = new Output(io, options);
  const identities = await findIdentities(options.identity, io);
  await using tools = await openSession(options, io, output);
  const named = await withNamesKeys(tools, identities, options);
  const ids = new Set<string>();
  for (const word of words) {
    for (const { id } of await resolveWithKey(tools, identities, word, options)) ids.add(id);
  }
  const opened = OpenedCache.of(tools, identities);
  // What is opened has the manifests too.
  const reading = opened === undefined ? named : { ...named, cache: undefined };
  const sets = await sourceSets(reading, options, words.length === 0 ? undefined : ids, opened);
  using browser = openWithThreads(tools, identities, opened);
  const rows = new Rows(io, options, [1, 4]);
  let lost = 0;
  for (const set of sets) {
    const manifests = new Map(set.snapshots.map((manifest) => [manifest.id, manifest]));
    const open = (id: string) => openForBrowsing(browser, set.tools, id, manifests.get(id));
    const found = await findVersions([...manifests.keys()], open, wanted);
    for (const error of found.lost) output.report({ kind: "warning", text: error.message });
    lost += found.lost.length;
    if (sets.length > 1 && found.versions.length > 0) rows.line(headingOf(set));
    print(found.versions, set, rows);
  }
  rows.end();
  opened?.save();
  if (lost > 0) return exitCodeOf(new CorruptionError());
  if (rows.count === 0) throw foundNowhere(what, sets);
  return 0;
}

function foundNowhere(what: string, sets: readonly SourceSet[]): NotFoundError {
  const count = sets.reduce((sum, { snapshots }) => sum + snapshots.length, 0);
  return new NotFoundError(
    `Cannot find "${displayPath(what)}": none of ${formatCount(count)} snapshots has it`,
  );
}

function headingOf({ tools, name }: SourceSet): string {
  return `${name ?? "sealed"} of ${tools.host}:`;
}

function print(versions: readonly Version[], { tools, name }: SourceSet, rows: Rows): void {
  let path: Path | undefined;
  for (const { entry, snapshots } of versions) {
    if (entry.path !== path) rows.line(shownPath(path = entry.path));
    const cells = snapshots.map((range) => versionCells(entry, range));
    rows.add({ ...entryJson(entry), host: tools.host, name, snapshots }, cells[0]);
    for (const more of cells.slice(1)) rows.text(more);
  }
}

/** The beginning of an id that holds its time. */
const TIME_LENGTH = "20261120T031500Z".length;

function versionCells({ kind, size, mtime }: Entry, { first, last, count }: SnapshotRange): string[] {
  const shown = first === last ? "" : `.. ${last.slice(0, TIME_LENGTH)}`;
  return [
    `  ${timeText(mtime).slice(0, 16)}`,
    size === undefined ? kind : formatSize(size),
    first.slice(0, TIME_LENGTH),
    shown,
    formatCount(count),
  ];
}

function toHash(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new UsageError(`Cannot use --content-hash ${JSON.stringify(text)}: a SHA-256 has 64 digits`);
}

function filterOf({ size, newer, older, type }: FindFlags, now: Date): (entry: Entry) => boolean {
  const isWanted: ((entry: Entry) => boolean)[] = [];
  if (size !== undefined) {
    const bytes = parseSize(size.replace(/^[+-]/, ""));
    if (bytes === undefined) {
      throw new UsageError(`Cannot use --size ${JSON.stringify(size)}: allowed is 10MiB or -10MiB`);
    }
    isWanted.push(
      size.startsWith("-") ? (entry) => (entry.size ?? 0) <= bytes : (entry) => (entry.size ?? 0) >= bytes,
    );
  }
  if (newer !== undefined) {
    const time = nanoseconds("--newer", newer, now);
    isWanted.push((entry) => BigInt(entry.mtime) >= time);
  }
  if (older !== undefined) {
    const time = nanoseconds("--older", older, now);
    isWanted.push((entry) => BigInt(entry.mtime) < time);
  }
  if (type !== undefined) isWanted.push((entry) => entry.kind === type);
  return (entry) => isWanted.every((is) => is(entry));
}

function nanoseconds(option: string, text: string, now: Date): bigint {
  const time = parseTime(text, now);
  if (time !== undefined) return BigInt(time.getTime()) * 1_000_000n;
  throw new UsageError(
    `Cannot use ${option} ${JSON.stringify(text)}: allowed is 2026-11-20, "2026-11-20 13:05" or "3 days ago"`,
  );
}
