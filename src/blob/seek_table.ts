import { CorruptionError } from "../base/errors.ts";

// The seek table of the zstd seekable format (facebook/zstd, contrib/seekable_format), without checksums:
// a skippable frame at the end, so that `zstd -d` passes over it.

const SKIPPABLE_MAGIC = 0x184d2a5e;
const SEEKABLE_MAGIC = 0x8f92eab1;
const HEAD_BYTES = 8;
const ROW_BYTES = 8;
export const FOOTER_BYTES = 9;
/** No checksums, and none of the bits that are reserved. */
const DESCRIPTOR = 0;

/** Frames of one blob at most, and plain bytes of one: a writer makes no more, whatever the table says. */
export const FRAMES_MAX = 16_384;
export const FRAME_PLAIN_MAX = 64 * 2 ** 20;

/** A frame's size in the opened age file, and of the bytes in it. */
export interface FrameSize {
  readonly stored: number;
  readonly plain: number;
}

/** Where a frame is: in the opened age file, and in the opened blob. */
export interface Frame {
  readonly storedOffset: number;
  readonly stored: number;
  readonly plainOffset: number;
  readonly plain: number;
}

export function seekTableBytes(frames: number): number {
  return HEAD_BYTES + frames * ROW_BYTES + FOOTER_BYTES;
}

export function encodeSeekTable(frames: readonly FrameSize[]): Uint8Array {
  const bytes = new Uint8Array(seekTableBytes(frames.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, SKIPPABLE_MAGIC, true);
  view.setUint32(4, bytes.length - HEAD_BYTES, true);
  frames.forEach(({ stored, plain }, i) => {
    view.setUint32(HEAD_BYTES + i * ROW_BYTES, stored, true);
    view.setUint32(HEAD_BYTES + i * ROW_BYTES + 4, plain, true);
  });
  view.setUint32(bytes.length - FOOTER_BYTES, frames.length, true);
  view.setUint32(bytes.length - 4, SEEKABLE_MAGIC, true);
  return bytes;
}

/** Bytes of the whole table whose footer ends `tail`. Throws `CorruptionError`. */
export function seekTableLength(tail: Uint8Array): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const footer = tail.length - FOOTER_BYTES;
  if (footer < 0 || view.getUint32(tail.length - 4, true) !== SEEKABLE_MAGIC) {
    throw new CorruptionError("Cannot read blob: it has no seek table");
  }
  const frames = view.getUint32(footer, true);
  if (tail[footer + 4] !== DESCRIPTOR) {
    throw new CorruptionError("Cannot read blob: its seek table is of another kind");
  }
  if (frames > FRAMES_MAX) throw new CorruptionError(`Cannot read blob: its seek table has ${frames} rows`);
  return seekTableBytes(frames);
}

/** The frames of the table that ends `tail`. Throws `CorruptionError` where `tail` does not hold all of it. */
export function decodeSeekTable(tail: Uint8Array): Frame[] {
  const length = seekTableLength(tail);
  const start = tail.length - length;
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  if (
    start < 0 || view.getUint32(start, true) !== SKIPPABLE_MAGIC ||
    view.getUint32(start + 4, true) !== length - HEAD_BYTES
  ) {
    throw new CorruptionError("Cannot read blob: its seek table is damaged");
  }
  const frames: Frame[] = [];
  let storedOffset = 0;
  let plainOffset = 0;
  for (let at = start + HEAD_BYTES; at < tail.length - FOOTER_BYTES; at += ROW_BYTES) {
    const stored = view.getUint32(at, true);
    const plain = view.getUint32(at + 4, true);
    if (plain > FRAME_PLAIN_MAX) {
      throw new CorruptionError(`Cannot read blob: it has a frame of ${plain} bytes`);
    }
    frames.push({ storedOffset, stored, plainOffset, plain });
    storedOffset += stored;
    plainOffset += plain;
  }
  return frames;
}

/** The frame that holds `length` plain bytes at `offset`. Throws `CorruptionError` where none does. */
export function frameOf(frames: readonly Frame[], offset: number, length: number): Frame {
  let low = 0;
  let high = frames.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (frames[middle]!.plainOffset <= offset) low = middle;
    else high = middle - 1;
  }
  const frame = frames[low];
  if (frame === undefined || offset + length > frame.plainOffset + frame.plain) {
    throw new CorruptionError(`Cannot read blob: no frame holds ${length} bytes at ${offset}`);
  }
  return frame;
}
