import { CLOCK_PREFIX } from "../../model/names.ts";
import type { ObjectInfo } from "../../store/store.ts";
import type { SnapshotObjects } from "./metadata.ts";

// What interruptions leave, and what has served its time. Pure.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A host that was not heard of for so long lists all blobs before it trusts its index again, so the records may go. A run that was suspended
 * for so long between announcing a snapshot and writing its manifest would find no void in its way.
 */
export const MEMORY_MS = 30 * DAY_MS;

/** Asking for the time takes seconds. */
const CLOCK_AGE_MS = HOUR_MS;

/** Publications that were begun so long ago that they may be fenced: half the grace time, for records may be older than they look. */
export function stalled(
  metadata: readonly SnapshotObjects[],
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): SnapshotObjects[] {
  return metadata.filter(({ manifest, void: voided, announcement }) => {
    if (manifest !== undefined || voided !== undefined || announcement === undefined) return false;
    return graceMs === 0 || ageOf(announcement, now) >= graceMs / 2;
  });
}

/** Objects of snapshots that are none any more, given what is in `snapshots/` after {@link stalled} ones were fenced. */
export function metadataLeftovers(
  metadata: readonly SnapshotObjects[],
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): string[] {
  return metadata.flatMap(({ manifest, void: voided, announcement, others }) => {
    if (manifest !== undefined) return [];
    // Without a void an announcement may yet be followed by its manifest.
    const rest = announcement === undefined ? others : voided === undefined ? [] : [announcement, ...others];
    const old = rest.filter((info) => ageOf(info, now) >= graceMs);
    const isVoidOver = voided !== undefined && old.length === rest.length && ageOf(voided, now) >= MEMORY_MS;
    return [...old, ...isVoidOver ? [voided] : []].map(({ name }) => name);
  });
}

/**
 * What asking for the time has left, and records that every host has heard of, in the order in which they have to go: oldest first. The newest
 * record stays: hosts tell by it that they missed none.
 */
export function pruneLeftovers(
  records: readonly ObjectInfo[],
  others: readonly ObjectInfo[],
  { now, graceMs }: { readonly now: Date; readonly graceMs: number },
): { readonly clocks: readonly string[]; readonly expired: readonly string[] } {
  const expired = records.slice(0, -1).filter((info) => ageOf(info, now) >= Math.max(MEMORY_MS, 2 * graceMs));
  const clocks = others.filter((info) =>
    info.name.startsWith(CLOCK_PREFIX) && ageOf(info, now) >= CLOCK_AGE_MS
  );
  return { clocks: clocks.map(({ name }) => name), expired: expired.map(({ name }) => name) };
}

function ageOf({ modified }: ObjectInfo, now: Date): number {
  return now.getTime() - modified.getTime();
}
