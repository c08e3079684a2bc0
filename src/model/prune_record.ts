import { CorruptionError } from "../base/errors.ts";
import type { BlobKind } from "./names.ts";
import { PRUNE_PREFIX } from "./names.ts";
import { parseVersioned } from "./snapshot.ts";

const RECORD_VERSION = 1;

/** Objects that one record condemns; more make more records. */
export const CONDEMNED_PER_RECORD = 100_000;

/** What a prune has condemned: no manifest written from now on names it, and a later prune deletes it. */
export type PruneRecord = Readonly<Record<BlobKind, readonly string[]>>;

/** `prune/<UTC time>_<SHA-256 of its bytes>.json`: a record cannot be damaged unseen. */
export function recordName(time: Date, sha256: string): string {
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");
  return `${PRUNE_PREFIX}${stamp}_${sha256}.json`;
}

/** The SHA-256 in the name of a record; `undefined` for a name that is none. */
export function sha256OfRecord(name: string): string | undefined {
  return /^prune\/[0-9TZ]+_([0-9a-f]{64})\.json$/.exec(name)?.[1];
}

export function encodeRecord({ pages, blobs }: PruneRecord): string {
  return JSON.stringify({ vaultik_prune: RECORD_VERSION, pages, blobs }) + "\n";
}

/** Inverse of {@link encodeRecord}. Throws `CorruptionError`. */
export function decodeRecord(text: string): PruneRecord {
  const { pages, blobs } = parseVersioned(text, "vaultik_prune", RECORD_VERSION);
  if (!isIds(pages) || !isIds(blobs)) throw new CorruptionError("Cannot read JSON: it does not list ids");
  return { pages, blobs };
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((id) => typeof id === "string" && /^[0-9a-f]{64}$/.test(id));
}
