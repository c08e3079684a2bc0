import { CorruptionError, NotFoundError } from "../base/errors.ts";
import type { Place } from "../model/entry.ts";
import type { Manifest } from "../model/manifest.ts";
import { decodeListPage } from "../model/page.ts";
import { BlobReader, type BlobSource } from "./blob_reader.ts";

/** Where chunks (or pages) of lost blobs are now, by lost blob and by chunk. */
export type Relocations = ReadonlyMap<string, ReadonlyMap<string, Place>>;

/** `place`, or where its chunk is now: what a chunk was moved to may have been lost as well. */
export function relocate<T extends Place>(place: T, relocations: Relocations): T {
  for (let moves = 0; moves < relocations.size; moves++) {
    const now = relocations.get(place.blob)?.get(place.id);
    if (now === undefined) break;
    place = { ...place, blob: now.blob, blobSize: now.blobSize, offset: now.offset };
  }
  return place;
}

/** What the repairs of a snapshot have moved. Where that cannot be read, its files count as they were before: as lost. */
export async function readRelocations(
  { relocations = [] }: Pick<Manifest, "relocations">,
  source: BlobSource,
): Promise<Relocations> {
  const reader = new BlobReader(source, "pages");
  const all = new Map<string, Map<string, Place>>();
  for (const [lost, blob, blobSize, offset, length, id] of relocations) {
    try {
      const text = new TextDecoder().decode(await reader.readOne({ blob, blobSize, offset, length, id }));
      const moved = all.get(lost) ?? new Map<string, Place>();
      for (const place of decodeListPage(text)) moved.set(place.id, place);
      all.set(lost, moved);
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
    }
  }
  return all;
}
