import { displayPath } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions } from "./options.ts";
import type { NotRestored } from "./tally.ts";
import { restore } from "./restore.ts";

/** Reads all that was restored again and compares it with the snapshot; what differs. Contents of files are hashed, nothing is fetched but pages. */
export async function readBack(tools: HostTools, options: RestoreOptions): Promise<NotRestored[]> {
  const { changes } = await restore(tools, { ...options, overwrite: "always", dryRun: true });
  return changes.filter(({ what }) => what !== "attributes")
    .map(({ path }) => ({ path: displayPath(path), reason: "what was written is not what is read now" }));
}
