import { formatCount } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import { policies } from "../config/prune.ts";
import type { Tools } from "../read/tools.ts";
import { tidy } from "../operations/tidy.ts";
import { knowledgeOf, ownHost } from "./session.ts";
import type { Output } from "./output.ts";
import { pruneInWords } from "./prune_text.ts";

/** What `--prune` does after a run; `isPruneDue` spares a store that is written to often from being listed as often. */
export async function tidyUp(
  config: Config,
  tools: Tools,
  output: Output,
  { isPruneDue = true } = {},
): Promise<void> {
  // The keys may be new: the first run has made them.
  const own = ownHost({ ...tools, ...knowledgeOf(config) });
  const summary = await tidy(own, policies(config), isPruneDue ? config.prune : undefined);
  const { snapshotsRemoved, blobsRemoved = 0, blobsMarked = 0, leftoversRemoved = 0 } = summary;
  const removed = snapshotsRemoved.length === 0
    ? []
    : [`Removed ${formatCount(snapshotsRemoved.length)} snapshots: ${snapshotsRemoved.join(", ")}`];
  const pruned = isPruneDue ? [pruneInWords({ blobsRemoved, blobsMarked, leftoversRemoved })] : [];
  const words = [...removed, ...pruned].join("\n");
  if (words !== "") output.result(summary, words);
}
