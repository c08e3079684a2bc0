import { formatCount } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import { policies } from "../config/prune.ts";
import type { Tools } from "../operations/options.ts";
import { tidy } from "../operations/tidy.ts";
import type { Output } from "./output.ts";
import { pruneInWords } from "./prune_text.ts";

/** What `--prune` does after a run; `isPruneDue` spares a store that is written to often from being listed as often. */
export async function tidyUp(
  config: Config,
  tools: Tools,
  output: Output,
  { isPruneDue = true } = {},
): Promise<void> {
  const summary = await tidy(tools, policies(config), isPruneDue ? config.prune : undefined);
  const { snapshotsRemoved, blobsRemoved = 0, blobsCondemned = 0, leftoversRemoved = 0 } = summary;
  const removed = snapshotsRemoved.length === 0
    ? []
    : [`Removed ${formatCount(snapshotsRemoved.length)} snapshots: ${snapshotsRemoved.join(", ")}`];
  const pruned = isPruneDue ? [pruneInWords({ blobsRemoved, blobsCondemned, leftoversRemoved })] : [];
  const words = [...removed, ...pruned].join("\n");
  if (words !== "") output.result(summary, words);
}
