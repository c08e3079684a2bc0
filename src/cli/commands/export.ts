import { CorruptionError, EnvironmentError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount } from "../../base/units.ts";
import { EntryExport } from "../../index/entry_export.ts";
import { timeText } from "../../model/entry_text.ts";
import { entriesWithin } from "../../operations/browse/entries_within.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { type CommandSpec } from "../command.ts";
import { IDENTITY_OPTION } from "../identities.ts";
import { NAME_OPTION, onlyOne } from "../looked_at.ts";
import { isTaken } from "../new_file.ts";
import { Output } from "../output.ts";
import { STORE_OPTIONS } from "../session.ts";
import { openPath, type PathFlags } from "../open_path.ts";

export const exportEntries: CommandSpec<PathFlags> = {
  usage: "export <id[:path]> <file>",
  summary: "Write what a snapshot lists to a new SQLite file, for questions in SQL",
  details:
    `The snapshot is ${SNAPSHOT_WORDS}. The table entries has a row for each file, directory and link: path, kind, mode, owner, time, size; ` +
    "xattrs has their attributes. Contents of files are not in it.",
  options: [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS()],
  exits: [4, 5, 6],
  example:
    "vaultik export latest files.sqlite --identity key.txt && sqlite3 files.sqlite 'select sum(size) from entries'",

  async run({ args: [wanted, file], options, io }) {
    using output = new Output(io, options);
    if (await isTaken(file)) throw new UsageError(`Cannot write "${file}": it is there already`);
    await using opened = await openPath(wanted, options, io, output);
    const { path } = opened;
    const { browsed } = onlyOne(opened.found);
    let lost = 0;
    let count = 0;
    using database = openExport(file);
    for await (const entry of entriesWithin(browsed, path)) {
      io.signal.throwIfAborted();
      if (entry instanceof Error) {
        lost++;
        output.report({ kind: "warning", text: entry.message });
      } else {
        database.add(entry, timeText(entry.mtime));
        count++;
      }
    }
    const { id, host, hostname, name, startedAt } = browsed.snapshot;
    database.finish({ id, host, hostname, name, started_at: startedAt });
    output.text.say(`Wrote ${formatCount(count)} entries of ${id} to ${file}`);
    return lost > 0 ? exitCodeOf(new CorruptionError()) : 0;
  },
};

function openExport(file: string): EntryExport {
  try {
    return new EntryExport(file);
  } catch (cause) {
    throw new EnvironmentError(`Cannot write "${file}": ${(cause as Error).message}`, { cause });
  }
}
