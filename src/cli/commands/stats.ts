import { CorruptionError, exitCodeOf } from "../../base/errors.ts";
import { formatCount, formatSize } from "../../base/units.ts";
import { pathJson } from "../../model/entry_text.ts";
import { openForBrowsing } from "../../operations/browse/open_snapshot.ts";
import { type Amount, type RunStats, runStats, type StoredOf } from "../../operations/browse/run_stats.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { type CommandSpec } from "../command.ts";
import { shownPath } from "../entry_row.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { openLocally } from "../browser.ts";
import { NAME_OPTION, resolveWithKey } from "../looked_at.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface StatsFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
}

export const stats: CommandSpec<StatsFlags> = {
  usage: "stats [id]",
  summary: "Show what a run stored and which files it was, and what only its snapshot has",
  details:
    `The snapshot is ${SNAPSHOT_WORDS}; without one the newest of each source set. Sizes of objects are as stored; those of files and ` +
    "directories are bytes that were new, before compression. A directory counts the files directly in it.",
  options: [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik stats --identity key.txt",

  async run({ args: [wanted = "latest"], options, io }) {
    using output = new Output(io, options);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const opener = openLocally(identities);
    const all: object[] = [];
    const words: string[] = [];
    let lost = 0;
    for (const { tools: host, id } of await resolveWithKey(tools, identities, wanted, options)) {
      const browsed = await openForBrowsing(opener, host, id);
      const found = await runStats(opener, host, browsed);
      for (const error of found.lost) output.report({ kind: "warning", text: error.message });
      lost += found.lost.length;
      all.push({ snapshot: id, name: browsed.snapshot.name, ...json(found) });
      words.push(inWords(`${browsed.snapshot.name} (${id})`, found));
    }
    output.result(all, words.join("\n\n"));
    return lost > 0 ? exitCodeOf(new CorruptionError()) : 0;
  },
};

function json({ stored, unique, files, directories }: RunStats): object {
  const named = ({ path, ...counts }: StoredOf) => ({ ...pathJson(path), ...counts });
  return { stored, unique, files: files.map(named), directories: directories.map(named) };
}

function inWords(title: string, { stored, unique, files, directories }: RunStats): string {
  const lines = [
    `${title}:`,
    `  stored by this run      ${amount(stored)}`,
    `  only in this snapshot   ${amount(unique)}`,
  ];
  if (files.length === 0) return lines.join("\n");
  const fileRows = files.map(({ bytes, path }) => [formatSize(bytes), shownPath(path)]);
  const rows = directories.map((
    { bytes, files, path },
  ) => [formatSize(bytes), formatCount(files), shownPath(path)]);
  return [
    ...lines,
    "",
    table([["NEW", "FILE"], ...fileRows], [0]),
    "",
    table([["NEW", "FILES", "DIRECTORY"], ...rows], [0, 1]),
  ].join("\n");
}

function amount({ objects, bytes }: Amount): string {
  return `${formatSize(bytes)} in ${formatCount(objects)} ${objects === 1 ? "object" : "objects"}`;
}
