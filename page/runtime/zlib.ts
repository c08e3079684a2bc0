import { Decompress } from "fzstd";

// In the place of node:zlib: zstd in JavaScript, which opens and does not make.

export const constants = {};

export function zstdCompressSync(): never {
  throw new Error("This page reads only");
}

/** Throws where `frame` is no zstd, is cut short, or has more than `maxOutputLength` bytes in it. */
export function zstdDecompressSync(
  frame: Uint8Array,
  { maxOutputLength }: { readonly maxOutputLength: number },
): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    if (length > maxOutputLength) {
      throw new RangeError(`It has more than ${maxOutputLength} bytes`);
    }
    pieces.push(piece.slice());
  });
  stream.push(frame, true);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
