// Small blobs are padded, so that their sizes do not tell the lengths of the chunks in them.

/** Blobs of so many plain bytes or more are not padded: they hold many chunks. */
export const PADDED_BELOW = 4 * 1024 * 1024;

/** A skippable frame (RFC 8878), so that `zstd -d` passes over it; another one than that of the seek table. */
const MAGIC = 0x184d2a50;
const HEAD_BYTES = 8;

/** `length` rounded up as PADMÉ does (Nikitin et al., PURBs, 2019): at most an eighth more, and 1/32 more from 64 KiB on. */
export function padmeLength(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const step = 2 ** Math.max(0, exponent - Math.floor(Math.log2(Math.max(1, exponent))) - 1);
  return Math.ceil(length / step) * step;
}

/** Bytes to be added to `length` so that it becomes a length of PADMÉ: none, or enough for a frame. */
export function paddingFor(length: number): number {
  const padding = padmeLength(length) - length;
  return padding === 0 || padding >= HEAD_BYTES ? padding : padmeLength(length + HEAD_BYTES) - length;
}

/** A frame of `length` bytes, at least 8, that holds nothing. */
export function paddingFrame(length: number): Uint8Array {
  const frame = new Uint8Array(length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, length - HEAD_BYTES, true);
  return frame;
}
