import { UsageError } from "../../base/errors.ts";
import { parseSize } from "../../base/units.ts";
import type { Entry, Kind } from "../../model/entry.ts";
import { parsePathPattern, passes } from "../../model/path_pattern.ts";
import { parseTime } from "../../model/time_word.ts";
import { hasContentHash } from "../../operations/browse/content_hash.ts";
import type { MatchesEntry } from "../../operations/browse/versions.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type FindFlags, search, SHARED_OPTIONS, VERSIONS } from "../search_versions.ts";

const KINDS: readonly Kind[] = ["file", "directory", "symlink", "fifo", "char_device", "block_device"];

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
