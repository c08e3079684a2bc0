import * as v from "valibot";
import type { ContentKind } from "./names.ts";
import { PRUNE_PREFIX } from "./names.ts";
import { parseVersioned, Sha256 } from "./json.ts";

const RECORD_VERSION = 2;

/** Objects of a kind that one record marks; more make more records. */
export const MARKED_PER_RECORD = 100_000;

/** Stored bytes of a record at most: 67 bytes an id. */
export const RECORD_STORED_MAX = 24 * 2 ** 20;

/** What a prune has marked for deletion: no manifest written from now on names it, and a later prune deletes it. */
export type PruneRecord = Readonly<Record<ContentKind, readonly string[]>>;

/** `prune/<UTC time>_<SHA-256 of its bytes>.json`: a record cannot be damaged unseen. */
export function recordName(time: Date, sha256: string): string {
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");
  return `${PRUNE_PREFIX}${stamp}_${sha256}.json`;
}

/** The SHA-256 in the name of a record; `undefined` for a name that is none. */
export function sha256OfRecord(name: string): string | undefined {
  return /^prune\/[0-9TZ]+_([0-9a-f]{64})\.json$/.exec(name)?.[1];
}

export function encodeRecord({ pages, blobs, lists }: PruneRecord): string {
  return JSON.stringify({ vaultik_prune: RECORD_VERSION, pages, blobs, lists }) + "\n";
}

const Ids = v.pipe(v.array(Sha256), v.maxLength(MARKED_PER_RECORD));
const RecordSchema = v.object({ pages: Ids, blobs: Ids, lists: Ids });

/** Inverse of {@link encodeRecord}. Throws `CorruptionError`. */
export function decodeRecord(text: string): PruneRecord {
  const { pages, blobs, lists } = parseVersioned(text, "vaultik_prune", RECORD_VERSION, RecordSchema);
  return { pages, blobs, lists };
}
