import { CorruptionError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { entryJson } from "../../model/entry_json.ts";
import type { Entry } from "../../model/entry.ts";
import { type Path, sortKey } from "../../model/path.ts";
import { entriesWithin } from "../../operations/browse/entries_within.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { type CommandSpec, flag } from "../command.ts";
import { ENTRY_RIGHT, entryCells, shownPath } from "../entry_row.ts";
import { IDENTITY_OPTION } from "../identities.ts";
import { type FoundPath, NAME_OPTION } from "../looked_at.ts";
import { JSON_OPTION, Output } from "../output.ts";
import { Rows } from "../rows.ts";
import { STORE_OPTIONS } from "../session.ts";
import { openPath, type PathFlags } from "../open_path.ts";

interface LsFlags extends PathFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
}

export const ls: CommandSpec<LsFlags> = {
  usage: "ls <id[:path]>",
  summary: "List a directory of a snapshot",
  details:
    `The snapshot is ${SNAPSHOT_WORDS}. Where a time names one snapshot of each source set, all that have ` +
    "the path are listed. Times are in UTC.",
  options: [
    flag("-l, --long", "with mode, owner, group, size and time"),
    flag("-R, --recursive", "also everything below, by its full path"),
    IDENTITY_OPTION(),
    NAME_OPTION(),
    ...STORE_OPTIONS(),
    JSON_OPTION(),
  ],
  exits: [4, 5, 6],
  example: "vaultik ls -l latest:/etc --identity key.txt",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    await using opened = await openPath(wanted, options, io, output);
    const { path, found } = opened;
    const rows = new Rows(io, options, options.long ? ENTRY_RIGHT : []);
    let lost = 0;
    for (const one of found) {
      const { id, name } = one.browsed.snapshot;
      if (found.length > 1) rows.line(`${name} (${id}):`);
      for await (const entry of options.recursive ? entriesWithin(one.browsed, path) : listed(one)) {
        if (entry instanceof Error) {
          lost++;
          output.report({ kind: "warning", text: entry.message });
        } else {
          const shown = options.recursive ? entry.path : nameIn(path, entry.path);
          const cells = options.long ? entryCells(entry, shown) : [shownPath(shown) + markOf(entry)];
          rows.add({ snapshot: id, ...entryJson(entry) }, cells);
        }
      }
    }
    rows.end();
    return lost > 0 ? exitCodeOf(new CorruptionError()) : 0;
  },
};

/** The entries in a directory, or the entry itself where it is none. */
async function* listed({ browsed, path, entry }: FoundPath): AsyncGenerator<Entry | Error> {
  if (entry !== undefined && entry.kind !== "directory") return yield entry;
  const position = entry === undefined ? 0 : (await browsed.entries.find(path))!.position + 1;
  for await (const step of browsed.entries.list(path, position)) {
    if ("error" in step) yield step.error;
    else if (sortKey(step.found.entry.path) !== sortKey(path)) yield step.found.entry;
  }
}

function nameIn(directory: Path, path: Path): Path {
  if (path === directory) return path;
  return path.slice(directory === "/" ? 1 : directory.length + 1);
}

function markOf({ kind }: Entry): string {
  return kind === "directory" ? "/" : "";
}
