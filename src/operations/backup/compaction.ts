import { decompressFrame } from "../../blob/zstd.ts";
import type { Index } from "../../index/index.ts";
import { type CompactionPolicy, planCompaction } from "../../model/compaction.ts";
import type { BlobKind } from "../../model/names.ts";
import { decodePage } from "../../model/page.ts";
import { fromHex } from "../../base/bytes.ts";

/** Looking costs reading all pages of the last backups from the index, so it is done once a day. */
const EVERY_MS = 24 * 3600 * 1000;
/** Setting: when it was looked last, milliseconds since 1970. */
const LOOKED = "compaction_ms";

const decoder = new TextDecoder();

/**
 * Chooses the blobs of which little is needed any more, and has the index forget them: then the scan that follows reads the files that are in
 * them again and stores them again. The blobs themselves die with the old snapshots. Their number; 0 where it was looked today.
 */
export function compact(
  index: Index,
  policies: Readonly<Record<BlobKind, CompactionPolicy>>,
  nowMs: number,
): number {
  const lookedMs = Number(index.setting(LOOKED) ?? NaN);
  if (nowMs >= lookedMs && nowMs - lookedMs < EVERY_MS) return 0;
  index.set(LOOKED, String(nowMs));
  const live = liveBytes(index);
  const chosen = (["blobs", "pages"] as const).flatMap((kind) => {
    const uses = index.blobs.contents(kind).map((blob) => ({
      ...blob,
      liveBytes: live.get(blob.number) ?? 0,
    }));
    return planCompaction(uses, policies[kind]);
  });
  index.forgetBlobs(chosen);
  return chosen.length;
}

/**
 * Plain bytes by blob that the last backup of each snapshot needs. A chunk that several files have counts for each: a blob may look more
 * useful than it is.
 */
function liveBytes(index: Index): Map<number, number> {
  const live = new Map<number, number>();
  const numbers = new Map<string, number>();
  const add = (number: number, bytes: number) => live.set(number, (live.get(number) ?? 0) + bytes);
  const addTo = (blob: string, bytes: number) => {
    let number = numbers.get(blob);
    if (number === undefined) numbers.set(blob, number = index.blobs.numberOf(blob));
    add(number, bytes);
  };
  for (const { id, length, frame } of index.pages.texts()) {
    const place = index.blobs.find("pages", fromHex(id));
    if (place !== undefined) add(place.blob, length);
    for (const entry of decodePage(decoder.decode(decompressFrame(frame, length)))) {
      entry.chunks?.forEach((chunk) => addTo(chunk.blob, chunk.length));
      entry.lists?.forEach((list) => {
        addTo(list.blob, list.length);
        index.listUses(list.id).forEach(({ number, liveBytes }) => add(number, liveBytes));
      });
    }
  }
  return live;
}
