import type { Random } from "../../base/chance.ts";
import { sha256Hex } from "../../base/digest.ts";
import { chunkOffsets } from "../../chunk/extents.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { cString } from "../../platform/libc.ts";
import { openFile } from "../../platform/no_links.ts";
import { closeFile, readAt } from "../../platform/read.ts";
import { Stat } from "../../platform/stat.ts";
import { isStamp } from "../../scan/stamp.ts";
import { type Chunker, cutBeginning, type CutFile } from "./large_file.ts";
import type { SampledFile } from "./source_sample.ts";

/** What came of comparing a file with its chunks. */
export type Compared =
  /** It is not what was backed up any more, as its size or times say. */
  | { readonly is: "changed" }
  | { readonly is: "same" | "other"; readonly bytes: number; readonly chunks: readonly Place[] }
  /** It was cut again; whether the index has its chunks is to be seen. */
  | { readonly is: "cut"; readonly bytes: number; readonly chunks: CutFile["chunks"] };

export interface CompareOptions {
  /** Of one file, about. */
  readonly maxBytes: number;
  readonly chunker: Chunker;
  readonly random: Random;
}

/**
 * Compares a file of this machine with the chunks that were stored of it; of one of more than `maxBytes` a run of chunks, the first of which
 * `random` chooses. A very large one is cut at its beginning. Throws `SystemError` where it cannot be read.
 */
export function compareLive(
  { entry, stamp }: SampledFile,
  { maxBytes, chunker, random }: CompareOptions,
): Compared {
  const fd = openFile(cString(entry.path));
  try {
    const stat = new Stat();
    const isUnchanged = () => stat.of(fd) && isStamp(stat.bytes, stamp);
    if (!isUnchanged()) return { is: "changed" };
    const compared = entry.lists === undefined
      ? compareChunks(fd, chunksToCompare(entry, maxBytes, random))
      : { is: "cut" as const, ...withBytes(cutBeginning(fd, entry, chunker, maxBytes)) };
    return isUnchanged() ? compared : { is: "changed" };
  } finally {
    closeFile(fd);
  }
}

function compareChunks(fd: number, chunks: readonly ChunkOfFile[]): Compared {
  const isSame = chunks.every(({ place, offset }) => hasBytes(fd, place, offset));
  return { is: isSame ? "same" : "other", ...withBytes(chunks.map(({ place }) => place)) };
}

function withBytes<Chunk extends { readonly length: number }>(chunks: readonly Chunk[]) {
  return { chunks, bytes: chunks.reduce((sum, { length }) => sum + length, 0) };
}

interface ChunkOfFile {
  readonly place: Place;
  /** In the file. */
  readonly offset: number;
}

function chunksToCompare(
  { chunks = [], holes = [] }: Entry,
  maxBytes: number,
  random: () => number,
): ChunkOfFile[] {
  const offsetOf = chunkOffsets(holes);
  const all = chunks.map((place) => ({ place, offset: offsetOf(place.length) }));
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const from = bytes <= maxBytes ? 0 : Math.floor(random() * all.length);
  let left = maxBytes;
  return all.slice(from).filter(({ place: { length } }) => left > 0 && ((left -= length), true));
}

function hasBytes(fd: number, { id, length }: Place, offset: number): boolean {
  const bytes = new Uint8Array(length);
  return readAt(fd, bytes, offset) === length && sha256Hex(bytes) === id;
}
