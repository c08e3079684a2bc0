import { CorruptionError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { displayPath } from "../../model/path.ts";
import { type Member, membersWithin } from "../../operations/browse/archive/members.ts";
import { tar } from "../../operations/browse/archive/tar.ts";
import { zip } from "../../operations/browse/archive/zip.ts";
import { incompletenessOf } from "../../operations/incomplete.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { CACHE_OPTION, openBrowser } from "../browser.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { findPath, NAME_OPTION, onlyOne, resolveWithKey } from "../looked_at.ts";
import { parseSnapshotPath } from "../snapshot_path.ts";
import { Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface DumpFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
  readonly cache: number;
  readonly zip?: boolean;
}

export const dump: CommandSpec<DumpFlags> = {
  usage: "dump <id[:path]>",
  summary: "Write a snapshot, or what is at a path of it, to standard output as an archive",
  details:
    `The snapshot is ${SNAPSHOT_WORDS}. The archive is tar (pax) with owners, times in nanoseconds, hard links, ` +
    "devices, extended attributes and holes as GNU tar has them; unpack it with tar --xattrs --xattrs-include='*'. Names are " +
    "full paths without the slash at their beginning. Every byte is checked before it is written; what cannot be read ends it.",
  options: [
    flag("--zip", "as zip instead, with modes; without owners, attributes, devices and compression"),
    IDENTITY_OPTION(),
    NAME_OPTION(),
    CACHE_OPTION(),
    ...STORE_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik dump latest:/etc --identity key.txt | tar -t",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    if (io.isTerminal.stdout) {
      throw new UsageError(
        "Cannot write an archive to a terminal: send it to a file or a program, as in | tar -x",
      );
    }
    const { word, path } = parseSnapshotPath(wanted, io.now());
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    using browser = openBrowser(tools, identities, options.cache);
    const resolved = await resolveWithKey(tools, identities, word, options);
    const { browsed } = onlyOne(await findPath(browser, resolved, path));
    const { id } = browsed.snapshot;
    const { tools: host } = resolved.find((one) => one.id === id)!;
    const incomplete = await incompletenessOf(host, browsed.manifest);
    if (incomplete !== undefined) output.text.warn(`warning: ${incomplete}`);
    let lost = 0;
    const warn = (text: string) => output.report({ kind: "warning", text });
    const members = readable(membersWithin(browsed, path), (error) => {
      lost++;
      warn(error.message);
    });
    const archive = options.zip
      ? zip(
        members,
        ({ entry }) => warn(`"${displayPath(entry.path)}" is left out: zip has no ${entry.kind}`),
      )
      : tar(members);
    for await (const piece of archive) {
      io.signal.throwIfAborted();
      if (!io.stdoutBytes(piece)) return 0;
    }
    return lost > 0 ? exitCodeOf(new CorruptionError()) : 0;
  },
};

async function* readable(
  members: AsyncIterable<Member | Error>,
  onLoss: (error: Error) => void,
): AsyncGenerator<Member> {
  for await (const member of members) {
    if (member instanceof Error) onLoss(member);
    else yield member;
  }
}
