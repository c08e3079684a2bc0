import { CorruptionError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/digest.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import { openPieces } from "../../seal/payload.ts";
import type { PiecesKey } from "../../read/opened_blob.ts";

/** A chunk within the opened frame. */
export interface ChunkInFrame {
  readonly offset: number;
  readonly length: number;
  /** SHA-256, hex. */
  readonly id: string;
}

/** All that is needed to open one frame. */
export interface FrameRequest extends PiecesKey {
  /** The sealed pieces that hold the frame. */
  readonly sealed: Uint8Array;
  /** Bytes of the compressed frame. */
  readonly stored: number;
  /** Bytes in it. */
  readonly plain: number;
  /** Why it is opened: the chunk that is checked. */
  readonly chunk: ChunkInFrame;
}

/** The bytes in a frame. Throws `CorruptionError`, also where the chunk that is wanted is not in it. */
export function openFrame(
  { key, first, plainTotal, skip, sealed, stored, plain, chunk }: FrameRequest,
): Uint8Array {
  const pieces = openPieces(key, first, sealed, plainTotal);
  const bytes = decompressFrame(pieces.subarray(skip, skip + stored), plain);
  checkChunk(bytes, chunk);
  return bytes;
}

/** Throws `CorruptionError` unless `frame` holds the chunk. */
export function checkChunk(frame: Uint8Array, { offset, length, id }: ChunkInFrame): void {
  if (sha256Hex(frame.subarray(offset, offset + length)) === id) return;
  throw new CorruptionError(`chunk ${id} has other bytes`);
}
