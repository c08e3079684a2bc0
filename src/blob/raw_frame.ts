import type { Frame, FrameSize } from "./seek_table.ts";

// A zstd frame whose blocks are all raw (RFC 8878, 3.1.1.2.2), as what does not compress becomes: the bytes as they are, with a head before
// every 128 KiB. So any part of it can be read without the rest. The sizes tell such a frame: where anything compresses, 2 KiB or more are saved.

const BLOCK_BYTES = 128 * 1024;
const BLOCK_HEAD_BYTES = 3;
/** Magic number and frame header descriptor. */
const FIXED_BYTES = 5;
const WINDOW_BYTES = 1;
/** Some versions end a frame by a block without bytes where the one before is full. */
const EMPTY_BLOCK_BYTES = BLOCK_HEAD_BYTES;

/** A part of a raw frame, seen as a frame of its own; its `stored` bytes may begin within a block. */
export interface RawPart extends Frame {
  /** Plain bytes before the next head of a block. */
  readonly untilHead: number;
}

/** Bytes before the first block of a frame that is raw by its sizes; `undefined`: it is none. Where chance made the sizes so, what is read has other hashes. */
export function rawHeaderBytes({ stored, plain }: FrameSize): number | undefined {
  const rest = stored - plain - Math.ceil(plain / BLOCK_BYTES) * BLOCK_HEAD_BYTES;
  const least = FIXED_BYTES + contentSizeBytes(plain);
  const headers = [least, least + WINDOW_BYTES];
  return headers.find((header) => rest === header || rest === header + EMPTY_BLOCK_BYTES);
}

/** The field of the frame header that states the plain size. */
function contentSizeBytes(plain: number): number {
  if (plain < 256) return 1;
  return plain < 65_536 + 256 ? 2 : 4;
}

/** Plain bytes `from` to `to` (not equal, counted in the frame) of a raw frame with a header of so many bytes. */
export function rawPart(frame: Frame, headerBytes: number, from: number, to: number): RawPart {
  const storedAt = (plain: number) => (Math.floor(plain / BLOCK_BYTES) + 1) * BLOCK_HEAD_BYTES + plain;
  return {
    storedOffset: frame.storedOffset + headerBytes + storedAt(from),
    stored: storedAt(to - 1) + 1 - storedAt(from),
    plainOffset: frame.plainOffset + from,
    plain: to - from,
    untilHead: BLOCK_BYTES - from % BLOCK_BYTES,
  };
}

/** The plain bytes of a part, in `into`, which has room for them. */
export function readRawPart(stored: Uint8Array, { plain, untilHead }: RawPart, into: Uint8Array): Uint8Array {
  let from = 0;
  let inBlock = untilHead;
  for (let at = 0; at < plain;) {
    const length = Math.min(inBlock, plain - at);
    into.set(stored.subarray(from, from + length), at);
    at += length;
    from += length + BLOCK_HEAD_BYTES;
    inBlock = BLOCK_BYTES;
  }
  return into.subarray(0, plain);
}
