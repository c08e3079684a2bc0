import { atLeast } from "../base/at_least.ts";
import { release } from "../base/bytes.ts";
import { CorruptionError } from "../base/errors.ts";
import { decodeSeekTable, type Frame, seekTableLength } from "../blob/seek_table.ts";
import { HEADER_BYTES_MAX, headerLength } from "../seal/header.ts";
import {
  NONCE_BYTES,
  openPieces,
  PIECE_BYTES,
  plainLength,
  SEALED_PIECE_BYTES,
  streamKey,
} from "../seal/payload.ts";

/** A first guess at the header's length; one request more where it is longer. */
const HEADER_GUESS_BYTES = 4 * 1024;
/** The last two pieces and, where the last one is short, a part of the one before: a seek table hardly ever needs more. */
const TAIL_BYTES = 2 * SEALED_PIECE_BYTES;
/** What is usually fetched to open a blob. */
export const OPENING_BYTES = HEADER_GUESS_BYTES + TAIL_BYTES;

/** What {@link OpenedBlob.open} fetches first of an object of `size` bytes. */
export function openingRanges(size: number): readonly (readonly [offset: number, length: number])[] {
  const tail = Math.min(TAIL_BYTES, size);
  return [[0, Math.min(HEADER_GUESS_BYTES, size)], [size - tail, tail]];
}

/** A part of an object. */
export interface Extent {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** An object that is a blob, and how its bytes and its file key are had. */
export interface StoredBlob {
  readonly name: string;
  readonly size: number;
  /** In memory that is given up. */
  fetch(offset: number, length: number): Promise<Uint8Array>;
  openHeader(header: Uint8Array): Promise<Uint8Array>;
}

interface Parts {
  readonly key: Uint8Array;
  /** Where the first piece begins in the object. */
  readonly payloadAt: number;
  /** Bytes of the opened age file. */
  readonly plainTotal: number;
}

/** What opens a run of sealed pieces. */
export interface PiecesKey {
  readonly key: Uint8Array;
  /** Number of the first piece. */
  readonly first: number;
  readonly plainTotal: number;
  /** Bytes of the first piece before what is wanted. */
  readonly skip: number;
}

/** What is needed to open any part of a blob. */
export class OpenedBlob {
  readonly name: string;
  readonly size: number;
  readonly frames: readonly Frame[];
  readonly #parts: Parts;

  /** Throws `CorruptionError`, and what `blob` throws. */
  static async open(blob: StoredBlob): Promise<OpenedBlob> {
    const [{ header, nonce }, tail] = await Promise.all([fetchHeader(blob), fetchTail(blob)]);
    const payloadAt = header.length + NONCE_BYTES;
    const plainTotal = plainLength(blob.size - payloadAt);
    const parts = { key: streamKey(await blob.openHeader(header), nonce), payloadAt, plainTotal };
    const frames = await new OpenedBlob(blob, parts, []).#readFrames(blob, tail);
    release(tail.bytes);
    return new OpenedBlob(blob, parts, frames);
  }

  private constructor({ name, size }: StoredBlob, parts: Parts, frames: readonly Frame[]) {
    this.name = name;
    this.size = size;
    this.frames = frames;
    this.#parts = parts;
  }

  /** Bytes of all its chunks. */
  get plainBytes(): number {
    const last = this.frames.at(-1);
    return last === undefined ? 0 : last.plainOffset + last.plain;
  }

  /** Which part of the object holds bytes `from` to `to` of the opened age file. */
  rangeOf(from: number, to: number): { readonly offset: number; readonly length: number } {
    const first = Math.floor(from / PIECE_BYTES);
    const pieces = Math.ceil(to / PIECE_BYTES) - first;
    const offset = this.#parts.payloadAt + first * SEALED_PIECE_BYTES;
    return { offset, length: Math.min(pieces * SEALED_PIECE_BYTES, this.size - offset) };
  }

  /** What opens the opened age file from byte `from` on, where a range of {@link rangeOf} begins; plain data, for another thread. */
  opening(from: number): PiecesKey {
    const first = Math.floor(from / PIECE_BYTES);
    return {
      key: this.#parts.key,
      first,
      plainTotal: this.#parts.plainTotal,
      skip: from - first * PIECE_BYTES,
    };
  }

  /** Bytes `from` to `to` of the opened age file, out of an extent that has their range; `into` has at least as many as the range. Throws `CorruptionError`. */
  plain(extent: Extent, from: number, to: number, into?: Uint8Array): Uint8Array {
    const { offset, length } = this.rangeOf(from, to);
    const at = offset - extent.offset;
    const first = Math.floor(from / PIECE_BYTES);
    const plain = openPieces(
      this.#parts.key,
      first,
      extent.bytes.subarray(at, at + length),
      this.#parts.plainTotal,
      into,
    );
    return plain.subarray(from - first * PIECE_BYTES, to - first * PIECE_BYTES);
  }

  async #readFrames(blob: StoredBlob, tail: Extent): Promise<Frame[]> {
    const { plainTotal } = this.#parts;
    const plain = this.plain(tail, Math.max(0, plainTotal - PIECE_BYTES), plainTotal);
    const length = seekTableLength(plain);
    const from = plainTotal - length;
    if (from < 0) throw this.#damagedTable();
    let table = plain;
    if (length > plain.length) {
      const range = this.rangeOf(from, plainTotal);
      const bytes = await blob.fetch(range.offset, range.length);
      table = this.plain({ offset: range.offset, bytes }, from, plainTotal);
    }
    const frames = decodeSeekTable(table);
    release(table);
    const last = frames.at(-1);
    if (last !== undefined && last.storedOffset + last.stored > from) throw this.#damagedTable();
    return frames;
  }

  #damagedTable(): CorruptionError {
    return new CorruptionError(`Cannot read "${this.name}": its seek table is damaged`);
  }
}

async function fetchTail({ size, fetch }: StoredBlob): Promise<Extent> {
  const [, [offset, length]] = atLeast(2, openingRanges(size));
  return { offset, bytes: await fetch(offset, length) };
}

async function fetchHeader(
  { name, size, fetch }: StoredBlob,
): Promise<{ header: Uint8Array; nonce: Uint8Array }> {
  for (let guess = HEADER_GUESS_BYTES;; guess = HEADER_BYTES_MAX) {
    const start = await fetch(0, Math.min(guess, size));
    const length = headerLength(start);
    if (length !== undefined && start.length >= length + NONCE_BYTES) {
      return { header: start.slice(0, length), nonce: start.slice(length, length + NONCE_BYTES) };
    }
    if (guess === HEADER_BYTES_MAX || start.length === size) {
      throw new CorruptionError(`Cannot read "${name}": it has no age header`);
    }
  }
}
