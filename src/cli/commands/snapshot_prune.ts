import { formatCount, formatSize } from "../../base/units.ts";
import { pruneIndex, type PruneIndexSummary } from "../../operations/prune_index.ts";
import { type CommandSpec, flag } from "../command.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openConfigured, ownHost, readConfig } from "../session.ts";

export const snapshotPrune: CommandSpec<OutputOptions & { readonly dryRun?: boolean }> = {
  usage: "prune",
  summary: "Drop from the index what no snapshot in the store needs any more; changes nothing in the store",
  details:
    "The index is a cache: what is dropped and needed after all is read and stored again. Space in the store is freed " +
    "by vaultik prune.",
  options: [flag("--dry-run", "show what would be dropped, and drop nothing"), ...OUTPUT_OPTIONS()],
  exits: [4, 5, 6],
  example: "vaultik snapshot prune --dry-run",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { config } = await readConfig(options, io, output);
    await using tools = await openConfigured(config, io, output);
    const names = config.snapshots.map(({ name }) => name);
    const { indexPath } = config;
    const summary = await pruneIndex(ownHost(tools), { indexPath, names, dryRun: options.dryRun ?? false });
    output.result(summary, inWords(summary), tools.traffic.take());
    return 0;
  },
};

function inWords({ dryRun, lost, unnamed, kept, names, bytesBefore, bytesAfter }: PruneIndexSummary): string {
  const drop = dryRun ? "Would drop" : "Dropped";
  const other = names.length === 0
    ? ""
    : `\n  and what is known of ${names.join(", ")}, not configured any more`;
  const size = dryRun ? formatSize(bytesBefore) : `${formatSize(bytesBefore)}, now ${formatSize(bytesAfter)}`;
  return `${drop} ${formatCount(unnamed)} blobs that no snapshot needs and ${
    formatCount(lost)
  } that the store has not; ` +
    `${formatCount(kept)} stay${other}\n  index: ${size}`;
}
