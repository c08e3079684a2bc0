import { CorruptionError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { openForBrowsing } from "../../operations/browse/open_snapshot.ts";
import { runStats } from "../../operations/browse/run_stats.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { openLocally } from "../browser.ts";
import type { CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { NAME_OPTION, resolveWithKey } from "../looked_at.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";
import { statsJson, statsText } from "../stats_text.ts";

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
      all.push({ snapshot: id, name: browsed.snapshot.name, ...statsJson(found) });
      words.push(statsText(`${browsed.snapshot.name} (${id})`, found));
    }
    output.result(all, words.join("\n\n"));
    return lost > 0 ? exitCodeOf(new CorruptionError()) : 0;
  },
};
