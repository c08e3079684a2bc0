import { InterruptedError } from "../../base/errors.ts";
import { interruptible } from "../interruptible.ts";
import type { RestoreOptions, RestoreSummary, Tools } from "../options.ts";
import { pageRefs } from "../page_refs.ts";
import { openSnapshot } from "./opened.ts";
import type { OwnerOptions } from "./owners.ts";
import { selectPages } from "./selection.ts";
import { Tally } from "./tally.ts";
import { prepareTarget } from "./target.ts";
import { pageRuns, WINDOW_BYTES } from "./window.ts";
import { WindowRun } from "./window_run.ts";
import { startWriters } from "./writers.ts";

/** Blobs in work for each thread, at least: while one waits for the store the thread works on another. */
const BLOBS_PER_THREAD = 3;

/**
 * Restores a snapshot, or what is at and below `paths`, into `target`, which must be empty or missing. Every byte is checked; a
 * file that cannot be had whole is not left there, is named, and the rest goes on.
 */
export async function restore(tools: Tools, options: RestoreOptions): Promise<RestoreSummary> {
  const startedAt = tools.now().getTime();
  const opened = await openSnapshot(tools, options);
  const { source, sizes, paths, selection, snapshot } = opened;
  using target = prepareTarget(options.target);
  const tally = new Tally(tools, () => source.bytesFetched);
  const writers = await startWriters(options.writers, tools, source, {
    target: target.fd,
    paths,
    sizes,
    owners: ownersOf(options),
  });
  try {
    const connections = options.connections ?? tools.store.connections ?? 1;
    const blobsAtOnce = Math.max(2 * connections, BLOBS_PER_THREAD * options.writers);
    const run = new WindowRun({ opened, writers, blobsAtOnce, tally });
    const restoreAll = async () => {
      const pages = selectPages(pageRefs(snapshot), selection);
      for await (const pageRun of pageRuns(pages, WINDOW_BYTES)) await run.restore(pageRun);
    };
    await interruptible(tools.signal, restoreAll());
    const { files, directories, others, notMade, bytes, damaged, failed } = tally;
    return {
      id: options.snapshotId,
      target: options.target,
      durationMs: tools.now().getTime() - startedAt,
      ...{ files, directories, others, notMade, bytes, damaged, failed },
      bytesDownloaded: source.bytesFetched,
      objectsRead: source.objectsRead,
      bytesAgain: source.bytesAgain,
    };
  } finally {
    writers.end(new InterruptedError());
  }
}

function ownersOf({ noOwner, ownerMap, noSpecial }: OwnerOptions): OwnerOptions {
  return { noOwner, ownerMap, noSpecial };
}
