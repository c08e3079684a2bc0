import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError, NotFoundError, RefusedError, UsageError } from "../../base/errors.ts";
import type { IdSet } from "../../base/id_set.ts";
import { PRUNE_PREFIX } from "../../model/names.ts";
import {
  decodeRecord,
  encodeRecord,
  MARKED_PER_RECORD,
  type PruneRecord,
  RECORD_STORED_MAX,
  recordName,
  sha256OfRecord,
} from "../../model/prune_record.ts";
import type { ObjectInfo } from "../../store/store.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { IdsByKind } from "./prune_plan.ts";

/** What is in `prune/`. */
export interface PruneObjects {
  /** Oldest first, by the store's clock. */
  readonly records: readonly ObjectInfo[];
  readonly others: readonly ObjectInfo[];
}

export async function listPruneObjects(
  { store, signal }: Pick<HostTools, "store" | "signal">,
): Promise<PruneObjects> {
  const all = await Array.fromAsync(store.list(PRUNE_PREFIX, { signal }));
  const isRecord = ({ name }: ObjectInfo) => sha256OfRecord(name) !== undefined;
  const byAge = (a: ObjectInfo, b: ObjectInfo) =>
    a.modified.getTime() - b.modified.getTime() || (a.name < b.name ? -1 : 1);
  return { records: all.filter(isRecord).sort(byAge), others: all.filter((info) => !isRecord(info)) };
}

/** `undefined` where there is none any more, `damaged` where it is not what was written. Throws `UsageError` where a newer program wrote it. */
export async function readRecord(
  { store, signal }: Pick<HostTools, "store" | "signal">,
  name: string,
): Promise<PruneRecord | "damaged" | undefined> {
  try {
    const bytes = await store.get(name, { signal, maxBytes: RECORD_STORED_MAX });
    if (sha256Hex(bytes) !== sha256OfRecord(name)) return "damaged";
    return decodeRecord(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    if (error instanceof CorruptionError) return "damaged";
    if (!(error instanceof UsageError) || error instanceof RefusedError) throw error;
    throw new UsageError(
      `Cannot read "${store.location}/${name}": a newer Vaultik made it; upgrade this one`,
      {
        cause: error,
      },
    );
  }
}

/** Marks `ids` for deletion, in as many records as it takes. */
export async function writeRecords({ store, signal }: HostTools, ids: IdsByKind, now: Date): Promise<void> {
  const count = Math.max(ids.pages.size, ids.blobs.size, ids.lists.size);
  for (let from = 0; from < count; from += MARKED_PER_RECORD) {
    const record = {
      pages: part(ids.pages, from),
      blobs: part(ids.blobs, from),
      lists: part(ids.lists, from),
    };
    const bytes = new TextEncoder().encode(encodeRecord(record));
    const sha256 = sha256Hex(bytes);
    await store.put(recordName(now, sha256), bytes, { sha256, signal });
  }
}

function part(ids: IdSet, from: number): string[] {
  const length = Math.min(MARKED_PER_RECORD, Math.max(0, ids.size - from));
  return Array.from({ length }, (_, i) => ids.hex(from + i));
}
