import { cutRuns, type RunLength } from "./runs.ts";

// Where pages end: it depends on paths alone, so a changed file changes its page and no other.

/** Hard limit of entries in a page, or of chunks in a list page. */
export const PAGE_ENTRIES_MAX = 8192;

/** A page ends where the hash has this many zero bits at its end: 1,024 entries on average. */
const CUT_MASK = (1 << 10) - 1;

export const FNV_START = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** Goes on with an FNV-1a hash: `hashPath(hashPath(FNV_START, "/a"), "/b")` is that of `/a/b`. */
export function hashPath(hash: number, path: string): number {
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), FNV_PRIME);
  return hash;
}

/** Whether a page ends after the entry whose path has the FNV-1a hash `hash`. */
export function endsPage(hash: number): boolean {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) & CUT_MASK) === 0;
}

/** Of list pages: 1,024 chunks on average. */
const LIST_PAGE_LENGTH: RunLength = { min: 1, zeroBits: 10, max: PAGE_ENTRIES_MAX };

/** The chunks of a large file (ids in hex), in their order, as list pages. */
export function cutListPages<Chunk extends { readonly id: string }>(
  chunks: readonly Chunk[],
): readonly (readonly Chunk[])[] {
  const { full, rest } = cutRuns(chunks, ({ id }) => id, LIST_PAGE_LENGTH);
  return rest.length > 0 ? [...full, rest] : full;
}
