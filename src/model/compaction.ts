// Which blobs are worth storing again what is still of use in them. Pure.

/** What a blob holds and how much of it the last backups need. */
export interface BlobUse {
  readonly number: number;
  /** Stored bytes. */
  readonly sizeBytes: number;
  /** Plain bytes of all chunks in it, and of those that are needed. */
  readonly plainBytes: number;
  readonly liveBytes: number;
}

export interface CompactionPolicy {
  /** Share of a blob, 0 to 1, that may be unused; with 1 nothing is ever stored again. */
  readonly maxWaste: number;
  /** Full size of a blob of this kind, stored. */
  readonly blobSizeBytes: number;
}

/** Frequent runs leave small blobs: so many may stay, then they are joined. */
export const SMALL_BLOBS_MAX = 64;
/** A blob is small below this share of the full size. */
const SMALL_SHARE = 1 / 16;

/** One run stores again no more than this share of what the last backups need, but so much in any case. */
const SHARE_A_RUN = 1 / 16;
const BYTES_A_RUN = 64 * 2 ** 20;

/**
 * Numbers of the blobs of which the live chunks are to be stored again, the most wasteful first, within what one run may take. Blobs without a
 * live chunk need nothing: they go with the snapshots that name them.
 */
export function planCompaction(blobs: readonly BlobUse[], policy: CompactionPolicy): number[] {
  if (policy.maxWaste >= 1) return [];
  const live = blobs.filter(({ liveBytes }) => liveBytes > 0);
  const wasteful = live.filter((blob) => wasteOf(blob) > policy.maxWaste)
    .sort((a, b) => wasteOf(b) - wasteOf(a));
  const small = live.filter(({ sizeBytes }) => sizeBytes < policy.blobSizeBytes * SMALL_SHARE)
    .sort((a, b) => a.sizeBytes - b.sizeBytes);
  const wanted = [...wasteful, ...small.length > SMALL_BLOBS_MAX ? small : []];
  const total = live.reduce((sum, { liveBytes }) => sum + liveBytes, 0);
  return withinBudget(wanted, Math.max(BYTES_A_RUN, total * SHARE_A_RUN));
}

function withinBudget(wanted: readonly BlobUse[], budgetBytes: number): number[] {
  const chosen = new Set<number>();
  let left = budgetBytes;
  for (const { number, liveBytes } of wanted) {
    if (chosen.has(number) || liveBytes > left) continue;
    chosen.add(number);
    left -= liveBytes;
  }
  return [...chosen];
}

function wasteOf({ plainBytes, liveBytes }: BlobUse): number {
  return 1 - liveBytes / Math.max(liveBytes, plainBytes);
}
