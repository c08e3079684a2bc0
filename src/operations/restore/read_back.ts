import { displayPath } from "../../model/path.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions, RestoreSummary } from "./options.ts";
import type { NotRestored } from "./tally.ts";
import { restore } from "./restore.ts";

/** What is not known to be there as it was restored. */
export interface ReadBack {
  readonly differing: readonly NotRestored[];
  /** What could not be read here, or compared. */
  readonly unread: readonly NotRestored[];
}

const ALL_WELL = { failed: [], damaged: [] };

/**
 * Reads all that was restored again and compares it with the snapshot, but for what the restore itself has named. Contents of files are
 * hashed, nothing is fetched but pages.
 */
export async function readBack(
  tools: HostTools,
  options: RestoreOptions,
  named: Pick<RestoreSummary, "failed" | "damaged"> = ALL_WELL,
): Promise<ReadBack> {
  const { changes, failed, damaged } = await restore(silent(tools), {
    ...options,
    overwrite: "always",
    dryRun: true,
  });
  const known = new Set([...named.failed, ...named.damaged].map(({ path }) => path));
  const isNew = ({ path }: NotRestored) => !known.has(path);
  const differing = changes.filter(({ what }) => what !== "attributes")
    .map(({ path }) => ({ path: displayPath(path), reason: "what was written is not what is read now" }))
    .filter(isNew);
  const unread = [...failed, ...damaged].map(({ path, reason }) => ({
    path,
    reason: `it was written, but cannot be compared: ${reason}`,
  })).filter(isNew);
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
