import { formatCount } from "../base/units.ts";
import type { Config } from "../config/config.ts";
import { policies } from "../config/prune.ts";
import type { Tools } from "../operations/options.ts";
import { tidy } from "../operations/tidy.ts";
import type { Output } from "./output.ts";
import { pruneInWords } from "./prune_text.ts";

/** What `--prune` does after a run. */
export async function tidyUp(config: Config, tools: Tools, output: Output): Promise<void> {
  const summary = await tidy(tools, policies(config), config.prune);
  const { snapshotsRemoved } = summary;
  const removed = snapshotsRemoved.length === 0
    ? ""
    : `Removed ${formatCount(snapshotsRemoved.length)} snapshots: ${snapshotsRemoved.join(", ")}\n`;
  output.result(summary, removed + pruneInWords(summary));
}
