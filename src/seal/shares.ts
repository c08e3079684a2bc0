import { combine, split } from "shamir-secret-sharing";
import { equalBytes, toHex } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { CHECK_BYTES, checksum, lineOf, readShare } from "./share_line.ts";

const SET_BYTES = 4;

export const SHARES_MAX = 255;

/** `count` lines of which any `threshold` give `secret` back, and fewer say nothing about it. Throws `UsageError`. */
export async function splitSecret(secret: Uint8Array, threshold: number, count: number): Promise<string[]> {
  if (threshold < 2 || threshold > count || count > SHARES_MAX) {
    throw new UsageError(
      `Cannot split into ${count} shares with ${threshold} needed: allowed is 2 to ${SHARES_MAX} shares, and 2 or more needed, but not more than there are`,
    );
  }
  const set = toHex(crypto.getRandomValues(new Uint8Array(SET_BYTES))).toUpperCase();
  const whole = new Uint8Array([...checksum(secret), ...secret]);
  const shares = await split(whole, count, threshold);
  return shares.map((data, i) => lineOf({ set, threshold, count, number: i + 1, data }));
}

/** Inverse of {@link splitSecret}, for enough lines in any order. Throws `UsageError` where they are too few, damaged or of different secrets. */
export async function joinShares(lines: readonly string[]): Promise<Uint8Array> {
  const shares = new Map(lines.map(readShare).map((share) => [share.number, share]));
  const [first, ...others] = shares.values();
  if (first === undefined) throw new UsageError("Cannot join shares: there are none");
  const stranger = others.find(({ set }) => set !== first.set);
  if (stranger !== undefined) {
    throw new UsageError(
      `Cannot join shares: they do not belong together, as share ${first.number} is of set ${first.set} and share ${stranger.number} of set ${stranger.set}`,
    );
  }
  if (shares.size < first.threshold) {
    throw new UsageError(
      `Cannot join shares: ${first.threshold} of ${first.count} are needed, there are ${shares.size} different ones`,
    );
  }
  const whole = await combine([...shares.values()].map(({ data }) => data)).catch(() => new Uint8Array());
  const secret = whole.slice(CHECK_BYTES);
  if (equalBytes(whole.subarray(0, CHECK_BYTES), checksum(secret))) return secret;
  throw new UsageError("Cannot join shares: they do not belong together, though they say that they do");
}
