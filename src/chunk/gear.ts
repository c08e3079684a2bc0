import { sha256 } from "../base/digest.ts";
import { concatBytes } from "../base/bytes.ts";

export const SEED_BYTES = 32;

/**
 * The 256 random numbers of the gear hash, derived from a secret seed: where the table is public, sizes of chunks tell which known
 * files a backup holds.
 */
export function gearTable(seed: Uint8Array): Int32Array {
  if (seed.length !== SEED_BYTES) {
    throw new RangeError(`Cannot derive gear table: seed has ${seed.length} bytes`);
  }
  return Int32Array.from({ length: 256 }, (_, byte) => {
    return sha256(concatBytes([seed, Uint8Array.of(byte)])).readInt32LE(0);
  });
}
