import { atLeast } from "../../base/at_least.ts";
import type { Totals } from "../../model/snapshot.ts";
import { InterruptedError } from "../../base/errors.ts";
import { formatCount } from "../../base/units.ts";
import { interruptible } from "../../base/interruptible.ts";
import type { PageRef } from "../../model/page_refs.ts";
import { collectGarbage } from "../../platform/memory.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { RestoreOptions, RestoreSummary } from "./options.ts";
import type { Path } from "../../model/path.ts";
import type { Report } from "../../report/events.ts";
import { BlobFetches } from "./blob_fetches.ts";
import { deleteAll } from "./delete_tree.ts";
import { restoreMemory } from "./memory_budget.ts";
import { type OpenedSnapshot, openSnapshot } from "./opened.ts";
import type { Overwrite } from "./overwrite.ts";
import type { OwnerOptions } from "./owners.ts";
import { selectPages } from "./selection.ts";
import { Tally } from "./tally.ts";
import { shareDirectory } from "../../platform/libc.ts";
import { prepareTarget, type Target } from "./target.ts";
import { pageRuns, textBytes } from "./window.ts";
import { WindowRun } from "./window_run.ts";
import { waysThere } from "./ways.ts";
import { giveWriters, startWriters, type Writers } from "./writers.ts";

/** Blobs in work for each thread, at least: while one waits for the store the thread works on another. */
const BLOBS_PER_THREAD = 3;

/** What is restored of one snapshot. */
export interface RestorePart {
  readonly tools: HostTools;
  readonly options: RestoreOptions;
  /** The snapshot, where it was opened already. */
  readonly opened?: OpenedSnapshot;
}

/**
 * Restores a snapshot, or what is at and below `paths`, into `target`. That must be empty or missing, unless `overwrite` says what may be
 * replaced there, or a restore of the same was interrupted: then it goes on. Every byte is checked; a file that cannot be had whole is not
 * left there, is named, and the rest goes on. Throws `UsageError`, `NotFoundError`, `EnvironmentError` where the target cannot take more.
 */
export async function restore(tools: HostTools, options: RestoreOptions): Promise<RestoreSummary> {
  const [summary] = atLeast(1, await restoreTogether([{ tools, options }]));
  return summary;
}

/**
 * Restores several snapshots into the same target, one after the other, as {@link restore} does with one; all of them are opened before
 * anything is written. Their options differ in snapshot, paths and deletions only. `threads` that have
 * been started for it are ended in any case.
 */
export async function restoreTogether(
  parts: readonly RestorePart[],
  threads?: Writers,
): Promise<RestoreSummary[]> {
  const [{ tools: { report, signal }, options: { writers: count } }] = atLeast(1, parts);
  const writers = threads ?? startWriters(count);
  const stop = () => writers.end(new InterruptedError());
  signal.addEventListener("abort", stop);
  try {
    return await restoreParts(parts, writers, report);
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}

async function restoreParts(
  parts: readonly RestorePart[],
  writers: Writers,
  report: Report,
): Promise<RestoreSummary[]> {
  const opened: OpenedSnapshot[] = [];
  for (const { tools, options, opened: known } of parts) {
    opened.push(known ?? await openSnapshot(tools, options));
  }
  using target = prepareTarget(parts.map(({ options }) => options));
  if (target.isResumed) report({ kind: "note", text: "An interrupted restore goes on" });
  const summaries: RestoreSummary[] = [];
  for (const [i, part] of parts.entries()) {
    summaries.push(
      await restoreInto(part, {
        ...{ opened: opened[i]!, target, writers },
        overwrite: i === 0 ? target.overwrite : target.overwriteMore,
      }),
    );
  }
  target.finish();
  return summaries;
}

async function restoreInto({ tools, options }: RestorePart, work: Work): Promise<RestoreSummary> {
  const { opened } = work;
  const startedAt = tools.now().getTime();
  const tally = new Tally(tools, () => opened.source.bytesFetched);
  tally.expected = wholeOf(options, opened.snapshot.totals);
  try {
    await interruptible(tools.signal, restoreAll(tools, options, { ...work, tally }));
  } catch (error) {
    throw error instanceof InterruptedError ? interrupted(options, tally, error) : error;
  }
  const { files, directories, others, notMade, deleted, kept, bytes, damaged, failed, changes } = tally;
  return {
    id: options.snapshotId,
    incomplete: opened.incomplete,
    target: options.target,
    durationMs: tools.now().getTime() - startedAt,
    ...{ files, directories, others, notMade, deleted, kept, bytes, damaged, failed, changes },
    bytesDownloaded: opened.source.bytesFetched,
    objectsRead: opened.source.objectsRead,
    bytesAgain: opened.source.bytesAgain,
  };
}

/** A part, opened, and what it is restored with. */
interface Work {
  readonly opened: OpenedSnapshot;
  readonly target: Target;
  readonly writers: Writers;
  readonly overwrite: Overwrite | undefined;
}

interface TalliedWork extends Work {
  readonly tally: Tally;
}

async function restoreAll(tools: HostTools, options: RestoreOptions, work: TalliedWork): Promise<void> {
  const { opened, target, writers, overwrite } = work;
  if (!options.dryRun) remove(options.deletions ?? [], work);
  const connections = options.connections ?? tools.store.connections ?? 1;
  using fetches = new BlobFetches(opened.source, { connections, threads: options.writers });
  try {
    await giveWriters(writers, tools, fetches.handlers, {
      target: shareDirectory(target.fd),
      targetPath: target.path,
      selection: opened.wanted,
      placement: opened.placement,
      owners: ownersOf(options),
      overwrite,
      leaves: leftAlone(options, work),
      dryRun: options.dryRun,
    });
    await restorePages(options, work, { fetches, connections });
    await writers.each((remote) => remote.end());
  } catch (error) {
    // Before the memory goes from which they may still write.
    writers.end(error as Error);
    throw error;
  }
}

/**
 * Directories on the way that were there before are not this restore's to change. After one that was interrupted it is not known which it
 * has made, and not finished.
 */
function leftAlone({ overwrite }: RestoreOptions, { opened, target }: TalliedWork): readonly Path[] {
  if (overwrite === undefined || target.isResumed || opened.placement !== undefined) return [];
  return waysThere(target.fd, opened.wanted.paths);
}

async function restorePages(
  options: RestoreOptions,
  { opened, tally, writers, target: { isResumed } }: TalliedWork,
  { fetches, connections }: { readonly fetches: BlobFetches; readonly connections: number },
): Promise<void> {
  const blobsAtOnce = Math.max(2 * connections, BLOBS_PER_THREAD * options.writers);
  const run = new WindowRun({
    ...{ opened, writers, blobsAtOnce, tally, isResumed },
    dryRun: options.dryRun === true,
  });
  const onDamage = ({ firstPath: path, entries }: PageRef, { message }: Error) => {
    const reason = `a list of ${entries} pages from here on is lost: ${message}`;
    tally.lose([{ path, reason, isDamage: true }]);
  };
  const pages = selectPages(opened.pages, opened.selection, onDamage);
  const memory = restoreMemory(options);
  for await (const pageRun of pageRuns(pages, memory.windowBytes)) {
    fetches.allot(memory.fetchBytes(textBytes(pageRun)));
    fetches.rest();
    await run.restore(pageRun, fetches.bytes);
    collectGarbage();
  }
}

function remove(
  paths: readonly Path[],
  { opened, tally, target }: TalliedWork,
): void {
  const losses = deleteAll(target.fd, paths, opened.placement);
  tally.deleted += paths.length - losses.length;
  tally.lose(losses);
}

function ownersOf({ noOwner, ownerMap, noSpecial }: OwnerOptions): OwnerOptions {
  return { noOwner, ownerMap, noSpecial };
}

function interrupted({ target, dryRun }: RestoreOptions, tally: Tally, cause: Error): InterruptedError {
  if (dryRun) return new InterruptedError(`${cause.message}: nothing was changed`, { cause });
  const what = `${
    formatCount(tally.files)
  } files and their directories are in "${target}", some without their attributes`;
  return new InterruptedError(`${cause.message}: ${what}; the same command goes on from there`, { cause });
}

/** What there is to do, where all of a snapshot is restored. */
function wholeOf({ paths, include, exclude }: RestoreOptions, { files, bytes }: Totals) {
  if (paths.length > 0 || include !== undefined || exclude !== undefined) return undefined;
  return { entries: files, bytes };
}
