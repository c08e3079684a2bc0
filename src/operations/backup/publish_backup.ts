import { readAhead } from "../../base/read_ahead.ts";
import type { ListRef } from "../../model/blob_list.ts";
import type { Suspicion } from "../../model/guard.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import { namedRules } from "../../model/selection.ts";
import { namedErrors, type Snapshot } from "../../model/snapshot.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { Remote } from "../../threads/rpc.ts";
import { publish, type PublishedMetadata, storeList } from "../../write/publish.ts";
import type { FullList } from "../../write/snapshot_parts.ts";
import type { IndexApi, ScanResult } from "./messages.ts";
import type { BackupOptions } from "./options.ts";
import type { PruneWatch } from "./prune_watch.ts";

/** Lists of blobs that are sent at a time. */
const LISTS_AT_ONCE = 8;

/** A scan of which all blobs are stored. */
export type FinishedScan = ScanResult & {
  readonly finishedAt: string;
  readonly suspicious: readonly Suspicion[];
};

/** Of a backup, what its snapshot is made of beside the scan. */
export interface Publication {
  readonly tools: HostTools;
  readonly options: BackupOptions;
  readonly keys: HostKeys;
  readonly index: Remote<Pick<IndexApi, "addList">>;
  readonly pruneWatch: PruneWatch;
  /** Paths of the files whose contents are streams. */
  readonly streams: readonly string[];
  readonly startedAt: Date;
}

/** Writes lists, snapshot and manifest. Throws `MarkedError` where it would name what is marked for deletion. */
export async function publishBackup(
  publication: Publication,
  result: FinishedScan,
  id: string,
): Promise<PublishedMetadata> {
  const { tools, options, keys, index, pruneWatch } = publication;
  const { recipients, publicNames = false } = options;
  const { unreadable, suspicious, blobs, tail } = result;
  const lists = await storeLists(tools, index, result.lists);
  const needed = new Set([...blobs.map(([, id]) => id), ...lists.map(([id]) => id)]);
  return await publish(tools, {
    snapshot: snapshotOf(publication, result, id),
    lists,
    tail,
    storedBytes: blobs.reduce((sum, [, , size]) => sum + size, 0),
    recipients,
    keys,
    incomplete: unreadable.length > 0,
    suspicious: suspicious.length > 0,
    publicNames,
  }, () => pruneWatch.look(needed));
}

function snapshotOf(
  { tools, options, keys, streams, startedAt }: Publication,
  { finishedAt, totals, unreadable, pageLists, pages, changes }: FinishedScan,
  id: string,
): Snapshot {
  const { hostname, name, roots, exclude, compressionLevel, chunkSizeBytes } = options;
  return {
    id,
    host: tools.host,
    hostname,
    name,
    startedAt: startedAt.toISOString(),
    finishedAt,
    roots: [...roots, ...streams],
    options: { exclude, ...namedRules(options), compression_level: compressionLevel },
    totals,
    chunker: { seed: keys.chunkerSeed, average: chunkSizeBytes },
    errors: namedErrors(unreadable),
    pageLists,
    pages,
    ...changes && { changes },
  };
}

/** The lists of a snapshot; those that the store has not are stored. */
async function storeLists(
  tools: HostTools,
  index: Publication["index"],
  lists: readonly FullList[],
): Promise<ListRef[]> {
  const refs: ListRef[] = [];
  for await (const { key, ref } of readAhead(lists, LISTS_AT_ONCE, (list) => stored(tools, list))) {
    if (key !== undefined) await index.addList({ key, list: ref });
    refs.push(ref);
  }
  return refs;
}

async function stored(tools: HostTools, list: FullList): Promise<{ key?: Uint8Array; ref: ListRef }> {
  if ("ref" in list) return { ref: list.ref };
  return { key: list.key, ref: await storeList(tools, list.blobs) };
}
