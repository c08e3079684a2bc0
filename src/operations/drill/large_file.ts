import { sha256 } from "../../base/digest.ts";
import { dataExtents } from "../../chunk/extents.ts";
import { chunkSizes, Cutter } from "../../chunk/fastcdc.ts";
import { gearTable } from "../../chunk/gear.ts";
import type { Index } from "../../index/index.ts";
import type { Entry, Place } from "../../model/entry.ts";
import { readAt } from "../../platform/read.ts";
import type { DrillFindings } from "./findings.ts";

// The chunks of a very large file are in list pages, which the index does not keep: the file is cut again instead.

/** How the host cuts files. */
export interface Chunker {
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly averageBytes: number;
}

/** SHA-256 and length of the chunks that the beginning of a file was cut into. */
export interface CutFile {
  readonly path: string;
  readonly chunks: readonly { readonly id: Uint8Array; readonly length: number }[];
}

/** Cuts the beginning of an open file, about `maxBytes` of it and at least a chunk. Throws `SystemError`. */
export function cutBeginning(
  fd: number,
  { size = 0, holes = [] }: Entry,
  { seed, averageBytes }: Chunker,
  maxBytes: number,
): CutFile["chunks"] {
  const sizes = chunkSizes(averageBytes);
  const [extent] = dataExtents(holes, size);
  if (extent === undefined) return [];
  const wanted = Math.min(extent.length, Math.max(sizes.max, maxBytes));
  const bytes = new Uint8Array(wanted);
  const filled = readAt(fd, bytes, extent.offset);
  const cutter = new Cutter(gearTable(seed), sizes);
  const chunks: { id: Uint8Array; length: number }[] = [];
  for (let from = 0; from < filled;) {
    const end = cutter.cut(bytes, from, filled);
    const mayGoOn = end === filled && end - from < sizes.max && filled < extent.length;
    if (mayGoOn) break;
    chunks.push({ id: sha256(bytes.subarray(from, end)), length: end - from });
    from = end;
  }
  return chunks;
}

/** Looks the chunks of files up that have not changed since their backup; where the store has them. */
export function locateCut(index: Index, files: readonly CutFile[], findings: DrillFindings): Place[] {
  return files.flatMap(({ path, chunks }) => {
    const places = chunks.map(({ id }) => index.blobs.locate("blobs", id));
    const found = places.filter((place) => place !== undefined);
    // A disk changes few chunks; of another size some may be the same.
    if (found.length * 2 < places.length) findings.leaveOut(path, OTHER_CHUNKS);
    else if (found.length < places.length) findings.problem(path, MISSING);
    return found;
  });
}

const OTHER_CHUNKS =
  "cannot be compared: it was cut into other chunks than it would be now; was chunk_size changed since?";
const MISSING =
  "has other bytes than were backed up, though its size and times are the same, or the index lacks some of it";
