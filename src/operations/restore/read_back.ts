import { displayPath } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions } from "./options.ts";
import type { NotRestored } from "./tally.ts";
import { restore } from "./restore.ts";

/** What is not known to be there as it was restored. */
export interface ReadBack {
  readonly differing: readonly NotRestored[];
  /** What could not be read here, or compared. */
  readonly unread: readonly NotRestored[];
}

/** Reads all that was restored again and compares it with the snapshot. Contents of files are hashed, nothing is fetched but pages. */
export async function readBack(tools: HostTools, options: RestoreOptions): Promise<ReadBack> {
  const { changes, failed, damaged } = await restore(silent(tools), {
    ...options,
    overwrite: "always",
    dryRun: true,
  });
  const differing = changes.filter(({ what }) => what !== "attributes")
    .map(({ path }) => ({ path: displayPath(path), reason: "what was written is not what is read now" }));
  const unread = [...failed, ...damaged].map(({ path, reason }) => ({
    path,
    reason: `it was written, but cannot be compared: ${reason}`,
  }));
  return { differing, unread };
}

/** What is not known to be right was restored all the same. */
function silent({ report, ...tools }: HostTools): HostTools {
  return {
    ...tools,
    report: (event) => {
      if (event.kind !== "file-damaged" && event.kind !== "file-not-restored") report(event);
    },
  };
}
