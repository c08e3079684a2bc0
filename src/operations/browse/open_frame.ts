import { CorruptionError } from "../../base/errors.ts";
import { release } from "../../base/bytes.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import { findLines, type FoundLines } from "../../model/page_search.ts";
import type { PathTest } from "../../model/path_pattern.ts";
import { openPieces } from "../../seal/payload.ts";
import { chunkIdOf } from "../../read/chunk_id.ts";
import type { PiecesKey } from "../../read/opened_blob.ts";

/** A chunk within the opened frame. */
export interface ChunkInFrame {
  readonly offset: number;
  readonly length: number;
  /** SHA-256, hex. */
  readonly id: string;
}

/** A frame as it is sealed, and what opens it. */
export interface SealedFrame extends PiecesKey {
  /** The sealed pieces that hold the frame, in memory that is given up or shared. */
  readonly sealed: Uint8Array;
  /** Bytes of the compressed frame. */
  readonly stored: number;
  /** Bytes in it. */
  readonly plain: number;
}

/** A frame to be opened. */
export interface FrameRequest extends SealedFrame {
  /** Why it is opened: the chunk that is checked. */
  readonly chunk: ChunkInFrame;
}

/** A frame to be searched. */
export interface SearchRequest extends SealedFrame {
  /** The pages in it that are searched. */
  readonly pages: readonly ChunkInFrame[];
}

/** What is looked for in some frames. */
export interface SearchFrames {
  readonly frames: readonly SearchRequest[];
  readonly test: PathTest;
}

/** What was found in a page, or why it cannot be read. */
export type SearchedPage = FoundLines | { readonly fault: string };

/** Opens frames, here or on other threads. Takes the buffers of what is sealed unless they are shared. */
export interface FrameOpener {
  /**
   * The bytes in a frame, in a buffer that no one else has; `isAlone`: nothing else is asked for meanwhile. Throws `CorruptionError`.
   */
  open(request: FrameRequest, isAlone?: boolean): Promise<Uint8Array>;
  /** The lines in the pages of some frames of which the paths pass `test`. */
  search(request: SearchFrames): Promise<SearchedPage[][]>;
}

/** Opens frames on this thread. */
export const openingHere: FrameOpener = {
  // deno-lint-ignore require-await
  open: async (request) => openFrame(request),
  // deno-lint-ignore require-await
  search: async ({ frames, test }) => frames.map((frame) => searchFrame(frame, test)),
};

/** The bytes in a frame. Throws `CorruptionError`, also where the chunk that is wanted is not in it. */
export function openFrame({ chunk, ...sealed }: FrameRequest): Uint8Array {
  const bytes = unseal(sealed);
  checkChunk(bytes, chunk);
  return bytes;
}

/** What is found in each of the pages that are wanted. */
export function searchFrame({ pages, ...sealed }: SearchRequest, test: PathTest): SearchedPage[] {
  let bytes: Uint8Array;
  try {
    bytes = unseal(sealed);
  } catch (error) {
    return pages.map(() => faultOf(error));
  }
  const found = pages.map((page) => searchPage(bytes, page, test));
  release(bytes);
  return found;
}

function searchPage(frame: Uint8Array, page: ChunkInFrame, test: PathTest): SearchedPage {
  try {
    checkChunk(frame, page);
  } catch (error) {
    return faultOf(error);
  }
  return findLines(frame.subarray(page.offset, page.offset + page.length), test);
}

function faultOf(error: unknown): SearchedPage {
  if (error instanceof CorruptionError) return { fault: error.message };
  throw error;
}

/** Where frames of up to so many bytes are opened before they are decompressed: fresh memory for each would take a tenth of the time. */
const OPENED_BYTES = 4 * 1024 * 1024;
let opened: Uint8Array | undefined;

function unseal({ key, first, plainTotal, skip, sealed, stored, plain }: SealedFrame): Uint8Array {
  const room = sealed.length <= OPENED_BYTES ? opened ??= new Uint8Array(OPENED_BYTES) : undefined;
  const pieces = openPieces(key, first, sealed, plainTotal, room?.subarray(0, sealed.length));
  release(sealed);
  const bytes = decompressFrame(pieces.subarray(skip, skip + stored), plain);
  if (room === undefined) release(pieces);
  // Not as a `Buffer`, whose `slice` is no copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Throws `CorruptionError` unless `frame` holds the chunk. */
export function checkChunk(frame: Uint8Array, { offset, length, id }: ChunkInFrame): void {
  if (chunkIdOf(frame.subarray(offset, offset + length)) === id) return;
  throw new CorruptionError(`chunk ${id} has other bytes`);
}
