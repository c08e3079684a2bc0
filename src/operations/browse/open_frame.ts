import { release } from "../../base/bytes.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import { checkChunk, type ChunkInFrame, isScratch, openSealed, type SealedFrame } from "./sealed_frame.ts";
import { type SearchedPage, searchFrames, type SearchRequest } from "./search_frames.ts";

/** A frame to be opened. */
export interface FrameRequest extends SealedFrame {
  /** Why it is opened: the chunk that is checked. */
  readonly chunk: ChunkInFrame;
  /** Memory that threads share for what is in it, exactly as much; else it gets its own. */
  readonly into?: Uint8Array;
}

/** Opens frames, here or on other threads. Takes the buffers of what is sealed unless they are shared. */
export interface FrameOpener {
  /**
   * The bytes in a frame, in `into` or in a buffer that no one else has; `isAlone`: nothing else is asked for meanwhile. Throws `CorruptionError`.
   */
  open(request: FrameRequest, isAlone?: boolean): Promise<Uint8Array>;
  /** The lines in the pages of some runs of frames of which the paths pass `test`. */
  search(request: SearchRequest): Promise<SearchedPage[]>;
}

/** Opens frames on this thread. */
export const openingHere: FrameOpener = {
  // deno-lint-ignore require-await
  open: async (request) => openFrame(request),
  // deno-lint-ignore require-await
  search: async (request) => searchFrames(request),
};

/** The bytes in a frame. Throws `CorruptionError`, also where the chunk that is wanted is not in it. */
export function openFrame({ chunk, into, ...sealed }: FrameRequest): Uint8Array {
  const bytes = unseal(sealed, into);
  checkChunk(bytes, chunk);
  return bytes;
}

function unseal({ sealed, stored, plain, skip, ...key }: SealedFrame, into?: Uint8Array): Uint8Array {
  const pieces = openSealed({ ...key, skip }, sealed);
  release(sealed);
  const bytes = decompressFrame(pieces.subarray(skip, skip + stored), plain, into);
  if (!isScratch(pieces)) release(pieces);
  if (into !== undefined) {
    if (bytes.buffer !== into.buffer) into.set(bytes);
    return into;
  }
  // Not as a `Buffer`, whose `slice` is no copy.
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
