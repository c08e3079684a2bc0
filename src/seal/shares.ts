import { combine, split } from "shamir-secret-sharing";
import { atLeast } from "../base/at_least.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";
import { sha256 } from "@noble/hashes/sha2.js";

// A secret in shares (Shamir), each a line for paper: VAULTIK-SHARE-1-SET-THRESHOLD-COUNT-NUMBER-DATA-CHECK, in capitals and digits.
// SET is drawn at random; CHECK belongs to the line; within, a checksum belongs to the whole, so that a wrong whole is not taken for one.

const HEAD = "VAULTIK-SHARE-1";
const SET_BYTES = 4;
const CHECK_BYTES = 4;
export const SHARES_MAX = 255;

interface Share {
  readonly set: string;
  readonly threshold: number;
  readonly count: number;
  readonly number: number;
  readonly data: Uint8Array;
}

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

function lineOf({ set, threshold, count, number, data }: Share): string {
  const text = [HEAD, set, threshold, count, number, toHex(data).toUpperCase()].join("-");
  return `${text}-${checkOf(text)}`;
}

function readShare(line: string): Share {
  const text = line.replace(/\s/g, "").toUpperCase();
  const match = /^(VAULTIK-SHARE-1-([0-9A-F]{8})-(\d+)-(\d+)-(\d+)-((?:[0-9A-F]{2})+))-([0-9A-F]{8})$/.exec(
    text,
  );
  if (match === null) throw new UsageError(`Cannot join shares: ${placeOf(text)} is no share, or not whole`);
  const [, body, set, threshold, count, number, data, check] = atLeast(8, match);
  if (checkOf(body) !== check) {
    throw new UsageError(`Cannot join shares: share ${number} of ${count} has a wrong character in it`);
  }
  const bytes = Uint8Array.from(data.match(/../g)!, (digits) => parseInt(digits, 16));
  return { set, threshold: Number(threshold), count: Number(count), number: Number(number), data: bytes };
}

/** For a message, which must not repeat a share. */
function placeOf(text: string): string {
  return text.startsWith(HEAD) ? `the line that begins ${text.slice(0, 24)}` : "a line";
}

function checkOf(text: string): string {
  return toHex(checksum(new TextEncoder().encode(text))).toUpperCase();
}

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, CHECK_BYTES);
}
