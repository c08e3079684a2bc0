import { release } from "../../base/bytes.ts";
import { CorruptionError } from "../../base/errors.ts";
import { SpareBytes } from "../../base/spare_bytes.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import { findLines, type FoundLines } from "../../model/page_search.ts";
import type { SearchedText } from "../../model/page_line.ts";
import type { PathTest } from "../../model/path_pattern.ts";
import type { PiecesKey } from "../../read/opened_blob.ts";
import { PIECE_BYTES, SEALED_PIECE_BYTES } from "../../seal/payload.ts";
import { checkChunk, type ChunkInFrame, openSealed } from "./sealed_frame.ts";

/** A frame of a run, and the pages in it that are searched. */
export interface SearchedFrame {
  /** Where it begins in what is opened of the run. */
  readonly at: number;
  /** Bytes of the compressed frame. */
  readonly stored: number;
  /** Bytes in it. */
  readonly plain: number;
  readonly pages: readonly ChunkInFrame[];
}

/** Frames of a blob that lie side by side, as they are sealed. */
export interface SealedRun extends PiecesKey {
  /** In memory that is given up. */
  readonly sealed: Uint8Array;
  readonly frames: readonly SearchedFrame[];
}

/** What is looked for in some runs. */
export interface SearchRequest {
  readonly runs: readonly SealedRun[];
  readonly test: PathTest;
}

/** Why a page cannot be read. */
export interface Fault {
  readonly fault: string;
}

/** What was found in a page, or why it cannot be read. */
export type SearchedPage = FoundLines | Fault;

/** Text of a page that is valid until the next is asked for. */
export type TextOf = (page: Uint8Array, test: PathTest) => SearchedText;

const decoder = new TextDecoder();
const asString: TextOf = (page) => decoder.decode(page);

/** Memory that is kept from one frame for the next, at most: fresh memory for each would take a tenth of the time. */
const SPARE_BYTES = 4 * 1024 * 1024;
const sparePlain = new SpareBytes(SPARE_BYTES);

/** What is found in each of the pages that are wanted, in their order. */
export function searchFrames({ runs, test }: SearchRequest, textOf: TextOf = asString): SearchedPage[] {
  return openRuns(runs, (page) => findLines(textOf(page, test), test));
}

/** What `use` makes of each of the pages that are wanted, in their order; their bytes are valid while it runs. */
export function openRuns<T>(runs: readonly SealedRun[], use: (page: Uint8Array) => T): (T | Fault)[] {
  return runs.flatMap((run) => {
    const made = openRun(run, use);
    release(run.sealed);
    return made;
  });
}

function openRun<T>(run: SealedRun, use: (page: Uint8Array) => T): (T | Fault)[] {
  const { sealed, frames, skip } = run;
  let opened: Uint8Array;
  try {
    opened = openSealed(run, sealed);
  } catch (error) {
    // Only what the damage touches is lost.
    if (frames.length > 1) return frames.flatMap((frame) => openRun(only(frame, run), use));
    const fault = faultOf(error);
    return frames.flatMap(({ pages }) => pages.map(() => fault));
  }
  return frames.flatMap((frame) => {
    const from = skip + frame.at;
    return openFrame(opened.subarray(from, from + frame.stored), frame, use);
  });
}

/** The part of a run that holds one frame of it. */
function only(frame: SearchedFrame, { sealed, skip, first, ...rest }: SealedRun): SealedRun {
  const from = Math.floor((skip + frame.at) / PIECE_BYTES);
  const end = Math.ceil((skip + frame.at + frame.stored) / PIECE_BYTES);
  return {
    ...rest,
    first: first + from,
    skip: skip + frame.at - from * PIECE_BYTES,
    sealed: sealed.subarray(from * SEALED_PIECE_BYTES, end * SEALED_PIECE_BYTES),
    frames: [{ ...frame, at: 0 }],
  };
}

function openFrame<T>(
  compressed: Uint8Array,
  { plain, pages }: SearchedFrame,
  use: (page: Uint8Array) => T,
): (T | Fault)[] {
  const room = sparePlain.take(plain);
  try {
    const bytes = plainOf(compressed, plain, room);
    if (isFault(bytes)) return pages.map(() => bytes);
    const made = pages.map((page) => usePage(bytes, page, use));
    // The runtime's own decompression takes memory of its own.
    if (bytes.buffer !== room.buffer) release(bytes);
    return made;
  } finally {
    sparePlain.give(room);
  }
}

function plainOf(compressed: Uint8Array, plain: number, room: Uint8Array): Uint8Array | Fault {
  try {
    return decompressFrame(compressed, plain, room);
  } catch (error) {
    return faultOf(error);
  }
}

function usePage<T>(frame: Uint8Array, page: ChunkInFrame, use: (page: Uint8Array) => T): T | Fault {
  try {
    checkChunk(frame, page);
  } catch (error) {
    return faultOf(error);
  }
  return use(frame.subarray(page.offset, page.offset + page.length));
}

export function isFault(made: unknown): made is Fault {
  return typeof made === "object" && made !== null && "fault" in made;
}

function faultOf(error: unknown): Fault {
  if (error instanceof CorruptionError) return { fault: error.message };
  throw error;
}
