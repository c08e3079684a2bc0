import { DamagedIndexError } from "../base/errors.ts";

// Each row that decides what a snapshot says has a number that fits its values: SQLite notices damage of its structure, not of a value.

const START = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
const LOW_BITS = 2 ** 32;

/** A number that fits these values: FNV-1a of bytes, and of numbers as one word or two. */
export function rowCheck(values: readonly (Uint8Array | number)[]): number {
  let hash = START;
  for (const value of values) {
    hash = typeof value === "number" ? mixNumber(hash, value) : mixBytes(hash, value);
  }
  return hash;
}

/** As {@link rowCheck}, of the place of a chunk: very many are made and looked at. */
export function placeCheck(id: Uint8Array, blob: number, offset: number, length: number): number {
  return mixWord(mixWord(mixWord(mixBytes(START, id), blob), offset), length);
}

/** Throws `DamagedIndexError` unless the row has the number that fits it. */
export function expectCheck(found: unknown, expected: number, what: string): void {
  if (found !== expected) throw new DamagedIndexError(`A row of the index is damaged: ${what}`);
}

function mixBytes(hash: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, PRIME);
  return mixWord(hash, bytes.length);
}

function mixNumber(hash: number, value: number): number {
  return mixWord(mixWord(hash, value % LOW_BITS), Math.floor(value / LOW_BITS));
}

function mixWord(hash: number, word: number): number {
  hash = Math.imul(hash ^ word, PRIME);
  return hash ^ (hash >>> 15);
}
