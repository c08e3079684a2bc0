import { sha256 } from "@noble/hashes/sha2.js";
import { atLeast } from "../base/at_least.ts";
import { toHex } from "../base/bytes.ts";
import { UsageError } from "../base/errors.ts";

// A secret in shares (Shamir), each a line for paper: VAULTIK-SHARE-1-SET-THRESHOLD-COUNT-NUMBER-DATA-CHECK, in capitals and digits.
// SET is drawn at random; CHECK belongs to the line; within, a checksum belongs to the whole, so that a wrong whole is not taken for one.

const HEAD = "VAULTIK-SHARE-1";

export const CHECK_BYTES = 4;

interface Share {
  readonly set: string;
  readonly threshold: number;
  readonly count: number;
  readonly number: number;
  readonly data: Uint8Array;
}

/** The share as it is printed. */
export function lineOf({ set, threshold, count, number, data }: Share): string {
  const text = [HEAD, set, threshold, count, number, toHex(data).toUpperCase()].join("-");
  return `${text}-${checkOf(text)}`;
}

/** Inverse of {@link lineOf}, in any case of letters and with blanks. Throws `UsageError`. */
export function readShare(line: string): Share {
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

/** The beginning of the SHA-256. */
export function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, CHECK_BYTES);
}
