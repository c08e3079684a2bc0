import { createHash } from "node:crypto";
import { sha256Hex } from "../../base/digest.ts";
import { LruCache } from "../../base/lru.ts";
import { chunksOf } from "./file_contents.ts";
import { contentsOf } from "./open_snapshot.ts";
import type { MatchesEntry } from "./versions.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;
/** Files of which it is remembered what was found. */
const REMEMBERED = 10_000;
const EMPTY = sha256Hex(new Uint8Array(0));

/**
 * Matches files whose contents have this SHA-256 (lower-case hex). A chunk is named by its hash: a file of one chunk without holes is not read.
 * All others that pass `mayBe` are, each contents once.
 */
export function hasContentHash(wanted: string, mayBe: MatchesEntry): MatchesEntry {
  const known = new LruCache<string, boolean>(REMEMBERED);
  return async (entry, browsed) => {
    if (entry.kind !== "file" || !await mayBe(entry, browsed)) return false;
    if (entry.size === 0) return wanted === EMPTY;
    const { chunks, holes = [] } = entry;
    if (chunks?.length === 1 && holes.length === 0) return chunks[0]!.id === wanted;
    const first = entry.hardlink === undefined
      ? entry
      : (await browsed.entries.find(entry.hardlink))?.entry ?? entry;
    const ids = (await Array.fromAsync(chunksOf(first, browsed.chunks))).map(({ id }) => id);
    const key = sha256Hex(new TextEncoder().encode(`${ids.join()} ${first.holes?.join()}`));
    const before = known.get(key);
    if (before !== undefined) return before;
    const hash = createHash("sha256");
    const contents = await contentsOf(browsed, entry);
    for (let at = 0; at < contents.size; at += READ_BYTES) {
      for (const piece of await contents.read(at, READ_BYTES)) hash.update(piece);
    }
    const isIt = hash.digest("hex") === wanted;
    known.set(key, isIt);
    return isIt;
  };
}
