/** xorshift32: the same seed gives the same bytes everywhere. */
export function randomBytes(seed: number, size: number): Uint8Array<ArrayBuffer> {
  let state = (seed * 2654435761) | 1;
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state >>> 8;
  }
  return bytes;
}
