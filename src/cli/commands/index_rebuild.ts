import { formatCount, formatDuration } from "../../base/units.ts";
import { rebuildIndex, type RebuildSummary } from "../../operations/rebuild_index.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openConfigured, readConfig } from "../session.ts";

export const indexRebuild: CommandSpec<
  OutputOptions & { readonly identity?: readonly string[]; readonly host?: string }
> = {
  usage: "rebuild",
  summary:
    "Rebuild the index from the snapshots of this host, so that nothing is stored twice; needs the identity",
  details:
    "Reads snapshots and pages, and no data; the keys of the host come back too where they are lost. The next backup reads all files once and uploads what the store has not. Without the " +
    "identity simply go on: the next backup begins a new index, and stores everything again.",
  options: [
    IDENTITY_OPTION(),
    flag(
      "--host <host>",
      "this machine, by its id or name in the store, where its keys are lost: else hostname",
    ),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik index rebuild --identity key.txt",

  async run({ options, io }) {
    using output = new Output(io, options);
    const identities = await findIdentities(options.identity, io);
    const { config } = await readConfig(options, io, output);
    await using tools = await openConfigured(config, io, output);
    const { indexPath, ageRecipients: recipients } = config;
    const host = options.host ?? config.hostname;
    const summary = await rebuildIndex(tools, { indexPath, host, identities, recipients });
    output.result(summary, inWords(summary), tools.traffic.take());
    if (summary.lost > 0) {
      output.text.warn(
        `${formatCount(summary.lost)} objects that snapshots need are not in the store: see vaultik repair`,
      );
    }
    if (summary.keysRestored) output.text.say(`The keys of host ${summary.host} were taken from the store`);
    return 0;
  },
};

function inWords({ indexPath, snapshots, pages, chunks, blobs, durationMs }: RebuildSummary): string {
  return `Rebuilt ${indexPath} from ${formatCount(snapshots)} snapshots in ${formatDuration(durationMs)}\n` +
    `  ${formatCount(pages)} pages, ${formatCount(chunks)} chunks, ${formatCount(blobs)} blobs`;
}
