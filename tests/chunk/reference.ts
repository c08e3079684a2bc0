import type { ChunkSizes } from "../../src/chunk/fastcdc.ts";

/** FastCDC as the paper has it, slow and obvious: the hash of each position again, in big numbers. */
export function referenceCuts(bytes: Uint8Array, gear: Int32Array, sizes: ChunkSizes): number[] {
  const bits = Math.log2(sizes.average);
  const cuts: number[] = [];
  for (let start = 0; start < bytes.length; start = cuts[cuts.length - 1]!) {
    cuts.push(cutOf(bytes, start, gear, sizes, bits));
  }
  return cuts;
}

function cutOf(
  bytes: Uint8Array,
  start: number,
  gear: Int32Array,
  { min, average, max }: ChunkSizes,
  bits: number,
): number {
  const longest = Math.min(max, bytes.length - start);
  if (longest <= min) return start + longest;
  // A chunk of `length` bytes is judged by the hash of all its bytes after the first `min`.
  for (let length = min + 1; length <= longest; length++) {
    const zeros = BigInt(length <= average ? bits + 2 : bits - 2);
    const hash = hashOf(bytes.subarray(start + min, start + length), gear);
    if (hash >> (32n - zeros) === 0n) return start + length;
  }
  return start + longest;
}

function hashOf(bytes: Uint8Array, gear: Int32Array): bigint {
  let hash = 0n;
  // What is more than 32 bytes ago has been shifted out.
  for (const byte of bytes.subarray(-32)) hash = ((hash << 1n) + BigInt(gear[byte]!)) & 0xffff_ffffn;
  return hash;
}
