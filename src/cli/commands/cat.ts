import { UsageError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath } from "../../model/path.ts";
import { contentsOf } from "../../operations/browse/open_snapshot.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import type { CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { openLocally } from "../browser.ts";
import { findPath, NAME_OPTION, onlyOne, resolveWithKey } from "../looked_at.ts";
import { parseSnapshotPath } from "../snapshot_path.ts";
import { Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface CatFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
}

/** Read at a time. */
const READ_BYTES = 1024 * 1024;

export const cat: CommandSpec<CatFlags> = {
  usage: "cat <id:path>",
  summary: "Write the contents of a file of a snapshot to standard output",
  details: `The snapshot is ${SNAPSHOT_WORDS}. Every byte is checked before it is written.`,
  options: [IDENTITY_OPTION(), NAME_OPTION(), ...STORE_OPTIONS()],
  exits: [4, 5, 6],
  example: 'vaultik cat "3 days ago:/etc/hosts" --identity key.txt > hosts',

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    const { word, path } = parseSnapshotPath(wanted, io.now());
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const resolved = await resolveWithKey(tools, identities, word, options);
    const { browsed, entry } = onlyOne(await findPath(openLocally(identities), resolved, path));
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
