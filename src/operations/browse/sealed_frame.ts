import { CorruptionError } from "../../base/errors.ts";
import { openPieces } from "../../seal/payload.ts";
import { isIdOf } from "../../read/chunk_id.ts";
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

/** Where frames of up to so many bytes are opened before they are decompressed: fresh memory for each would take a tenth of the time. */
const OPENED_BYTES = 4 * 1024 * 1024;
let opened: Uint8Array | undefined;

/** Whether there is room for so many sealed bytes where pieces are opened. */
export function hasScratch(sealed: Uint8Array): boolean {
  return sealed.length <= OPENED_BYTES;
}

/** Where sealed pieces are opened that have {@link hasScratch}. */
export function scratchFor(sealed: Uint8Array): Uint8Array {
  opened ??= new Uint8Array(OPENED_BYTES);
  return opened.subarray(0, sealed.length);
}

/** What is in sealed pieces, valid until the next ones are opened. Throws `CorruptionError`. */
export function openSealed({ key, first, plainTotal }: PiecesKey, sealed: Uint8Array): Uint8Array {
  return openPieces(key, first, sealed, plainTotal, hasScratch(sealed) ? scratchFor(sealed) : undefined);
}

/** Whether these bytes are valid until the next pieces are opened only. */
export function isScratch(bytes: Uint8Array): boolean {
  return bytes.buffer === opened?.buffer;
}

/** Throws `CorruptionError` unless `frame` holds the chunk. */
export function checkChunk(frame: Uint8Array, chunk: ChunkInFrame): void {
  if (isIdOf(chunk, frame.subarray(chunk.offset, chunk.offset + chunk.length))) return;
  throw new CorruptionError(`chunk ${chunk.id} has other bytes`);
}
