import { concatBytes } from "../base/bytes.ts";
import { sha256Into } from "../platform/sha256.ts";

export const SEED_BYTES = 32;
const HASH_BYTES = 32;

/**
 * The 256 random numbers of the gear hash, derived from a secret seed: where the table is public, sizes of chunks tell which known
 * files a backup holds.
 */
export function gearTable(seed: Uint8Array): Int32Array {
  if (seed.length !== SEED_BYTES) {
    throw new RangeError(`Cannot derive gear table: seed has ${seed.length} bytes`);
  }
  const input = concatBytes([seed, Uint8Array.of(0)]);
  const hash = new Uint8Array(HASH_BYTES);
  const first = new DataView(hash.buffer);
  return Int32Array.from({ length: 256 }, (_, byte) => {
    input[SEED_BYTES] = byte;
    sha256Into(input, hash, 0);
    return first.getInt32(0, true);
  });
}
