import { CorruptionError, UsageError } from "../../base/errors.ts";
import { EXIT_INCOMPLETE, exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount, formatSize } from "../../base/units.ts";
import { type Change, entryOf, growthOf } from "../../model/entry_change.ts";
import { entryJson, pathJson } from "../../model/entry_json.ts";
import { parseSnapshotWord } from "../../model/snapshot_word.ts";
import { parentOf, type Path } from "../../model/path.ts";
import { diffSnapshots, diffWithDisk } from "../../operations/browse/diff.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "../../operations/browse/open_snapshot.ts";
import { OpenedCache } from "../../read/opened_cache.ts";
import { onlySnapshot, type ResolvedSnapshot, SNAPSHOT_WORDS } from "../../read/resolve.ts";
import type { Report } from "../../report/events.ts";
import { type CommandSpec, flag } from "../command.ts";
import { shownPath } from "../entry_row.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { openLocally } from "../browser.ts";
import { findPath, NAME_OPTION, onlyOne, resolveWithKey } from "../looked_at.ts";
import { parseSnapshotPath } from "../snapshot_path.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { Rows } from "../rows.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface DiffFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
  readonly stat?: boolean;
}

export const diff: CommandSpec<DiffFlags> = {
  usage: "diff <before[:path]> [after]",
  summary: "Show what is different in a later snapshot, or on the disk now",
  details:
    `A snapshot is ${SNAPSHOT_WORDS}. Without a second one the files of this machine are compared, by their times ` +
    "and sizes, and where only the time differs by their bytes. + was added, - is gone, M has changed. Directories of which only " +
    "the time changed are left out.",
  options: [
    flag("--stat", "by directory, those that changed by the most bytes first"),
    IDENTITY_OPTION(),
    NAME_OPTION(),
    ...STORE_OPTIONS(),
    JSON_OPTION(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik diff latest~1 latest --stat --identity key.txt",

  async run({ args: [first, second], options, io }) {
    using output = new Output(io, options);
    const { word, path } = parseSnapshotPath(first, io.now());
    const identities = await findIdentities(options.identity, io);
    await using session = { ...await openSession(options, io, output), listings: new Map() };
    const opened = OpenedCache.of(session, identities);
    const tools = opened === undefined ? session : { ...session, opened, cache: undefined };
    const browser = { ...openLocally(identities), opened };
    const before = await resolveWithKey(tools, identities, word, options);
    const { browsed } = path === "/"
      ? { browsed: await openResolved(browser, onlySnapshot(before, word)) }
      : onlyOne(await findPath(browser, before, path));
    const tally = new Tally();
    const report: Report = (event) => {
      if (event.kind === "file-unreadable") tally.unreadable++;
      output.report(event);
    };
    let changes;
    if (second === undefined) changes = diffWithDisk(browsed, path, report);
    else {
      const name = parseSnapshotWord(second, io.now())?.kind === "id" ? undefined : browsed.snapshot.name;
      const host = options.host ?? browsed.manifest.host;
      const found = await resolveWithKey(tools, identities, wordOf(second), { name, host });
      changes = diffSnapshots(browsed, await openResolved(browser, onlySnapshot(found, second)), path);
    }
    await print(
      changes,
      tally,
      new Rows(io, options, options.stat ? [0, 1, 2, 3] : [1]),
      output,
      options.stat,
    );
    opened?.save();
    if (tally.lost > 0) return exitCodeOf(new CorruptionError());
    return tally.unreadable > 0 ? EXIT_INCOMPLETE : 0;
  },
};

/** With `stat` only what the tally has. */
async function print(
  changes: AsyncIterable<Change | Error>,
  tally: Tally,
  rows: Rows,
  output: Output,
  stat: boolean | undefined,
): Promise<void> {
  for await (const change of changes) {
    if (change instanceof Error) {
      tally.lost++;
      output.report({ kind: "warning", text: change.message });
      continue;
    }
    tally.add(change);
    if (!stat) rows.add(changeJson(change), changeCells(change));
  }
  if (stat) tally.print(rows);
  rows.line(tally.inWords());
  rows.end();
}

function openResolved(browser: Opener, { tools, id, head }: ResolvedSnapshot): Promise<BrowsedSnapshot> {
  return openForBrowsing(browser, tools, id, head);
}

function wordOf(text: string): string {
  if (!text.includes(":/")) return text;
  throw new UsageError("Cannot compare two paths: only the first snapshot takes one, which counts for both");
}

const SIGNS = { added: "+", gone: "-", changed: "M" } as const;

function changeCells(change: Change): string[] {
  const what = change.kind === "changed" ? `  (${change.what.join(", ")})` : "";
  const { kind, path } = entryOf(change);
  const mark = kind === "directory" ? "/" : "";
  return [SIGNS[change.kind], growthText(growthOf(change)), shownPath(path) + mark + what];
}

function growthText(bytes: number): string {
  if (bytes === 0) return "";
  return `${bytes < 0 ? "-" : "+"}${formatSize(Math.abs(bytes))}`;
}

function changeJson(change: Change): object {
  const sides = {
    before: change.kind === "added" ? undefined : entryJson(change.before),
    after: change.kind === "gone" ? undefined : entryJson(change.after),
  };
  const what = change.kind === "changed" ? change.what : undefined;
  return { change: change.kind, ...pathJson(entryOf(change).path), what, growth: growthOf(change), ...sides };
}

interface Counts {
  added: number;
  gone: number;
  changed: number;
  growth: number;
}

const none = (): Counts => ({ added: 0, gone: 0, changed: 0, growth: 0 });

/** Directories that are shown. */
const SHOWN_MAX = 40;

/** Counts changes, in all and by directory. */
class Tally {
  readonly #all = none();
  readonly #directories = new Map<Path, Counts>();
  lost = 0;
  unreadable = 0;

  add(change: Change): void {
    const directory = parentOf(entryOf(change).path);
    let counts = this.#directories.get(directory);
    if (counts === undefined) this.#directories.set(directory, counts = none());
    for (const some of [this.#all, counts]) {
      some[change.kind]++;
      some.growth += growthOf(change);
    }
  }

  /** For people the directories that changed most; for programs all. */
  print(rows: Rows): void {
    const directories = [...this.#directories].sort(([, a], [, b]) =>
      Math.abs(b.growth) - Math.abs(a.growth)
    );
    if (directories.length > 0) rows.text(["SIZE", "ADDED", "GONE", "CHANGED", "DIRECTORY"]);
    directories.forEach(([path, counts], i) => {
      const { added, gone, changed, growth } = counts;
      const numbers = [added, gone, changed].map((count) => count === 0 ? "" : formatCount(count));
      const cells = [growthText(growth), ...numbers, shownPath(path)];
      rows.add({ ...pathJson(path), ...counts }, i < SHOWN_MAX ? cells : undefined);
    });
    const more = directories.length - SHOWN_MAX;
    if (more > 0) rows.line(`and ${formatCount(more)} more directories`);
  }

  inWords(): string {
    const { added, gone, changed, growth } = this.#all;
    if (added + gone + changed === 0) return "Nothing is different";
    const size = growth === 0 ? "same size" : growthText(growth);
    return `${formatCount(added)} added, ${formatCount(gone)} gone, ${formatCount(changed)} changed; ${size}`;
  }
}
