import { CorruptionError, EnvironmentError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount } from "../../base/units.ts";
import { EntryExport } from "../../index/entry_export.ts";
import { timeText } from "../../model/entry_text.ts";
import { entriesWithin } from "../../operations/browse/entries_within.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { type CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { openLocally } from "../browser.ts";
import { findPath, NAME_OPTION, onlyOne, resolveWithKey } from "../looked_at.ts";
import { parseSnapshotPath } from "../snapshot_path.ts";
import { isTaken } from "../new_file.ts";
import { Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface ExportFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
}

export const exportEntries: CommandSpec<ExportFlags> = {
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
    const { word, path } = parseSnapshotPath(wanted, io.now());
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const resolved = await resolveWithKey(tools, identities, word, options);
    const { browsed } = onlyOne(await findPath(openLocally(identities), resolved, path));
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
