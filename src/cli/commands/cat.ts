import { UsageError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath } from "../../model/path.ts";
import { contentsOf } from "../../operations/browse/open_snapshot.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import type { CommandSpec } from "../command.ts";
import { IDENTITY_OPTION } from "../identities.ts";
import { NAME_OPTION, onlyOne } from "../looked_at.ts";
import { Output } from "../output.ts";
import { STORE_OPTIONS } from "../session.ts";
import { openPath, type PathFlags } from "../open_path.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;

export const cat: CommandSpec<PathFlags> = {
  usage: "cat <id:path>",
  summary: "Write the contents of a file of a snapshot to standard output",
  details: `The snapshot is ${SNAPSHOT_WORDS}. Every byte is checked before it is written.`,
  options: [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS()],
  exits: [4, 5, 6],
  example: 'vaultik cat "3 days ago:/etc/hosts" --identity key.txt > hosts',

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    await using opened = await openPath(wanted, options, io, output);
    const { path } = opened;
    const { browsed, entry } = onlyOne(opened.found);
    if (entry?.kind !== "file") {
      throw new UsageError(`Cannot write out "${displayPath(path)}": it is ${whatIs(entry)}`);
    }
    const file = await contentsOf(browsed, entry);
    for (let at = 0; at < file.size; at += READ_BYTES) {
      io.signal.throwIfAborted();
      for (const piece of await file.read(at, READ_BYTES)) {
        if (!io.stdoutBytes(piece)) return 0;
      }
    }
    return 0;
  },
};

function whatIs(entry: Entry | undefined): string {
  switch (entry?.kind) {
    case undefined:
    case "directory":
      return "a directory; dump writes it as an archive";
    case "symlink":
      return `a link to "${displayPath(entry.target ?? "")}"`;
    default:
      return "no regular file";
  }
}
