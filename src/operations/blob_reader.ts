import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { release } from "../base/bytes.ts";
import { sha256Hex } from "../base/digest.ts";
import { decodeSeekTable, type Frame, frameOf, seekTableLength } from "../blob/seek_table.ts";
import { decompressFrame } from "../blob/zstd.ts";
import type { Place } from "../model/entry.ts";
import { type BlobKind, blobName } from "../model/names.ts";
import { HEADER_BYTES_MAX, headerLength } from "../seal/header.ts";
import {
  NONCE_BYTES,
  openPieces,
  PIECE_BYTES,
  plainLength,
  SEALED_PIECE_BYTES,
  streamKey,
} from "../seal/payload.ts";

/** What a reader of blobs asks of others: it has neither the store nor the identity. */
export interface BlobSource {
  /** Bytes of an object. Throws `NotFoundError`, `CorruptionError`, `UnavailableError`. */
  fetch(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** The file key in an age header. */
  openHeader(header: Uint8Array): Promise<Uint8Array>;
  /** Stored size of a blob, as the manifest has it. */
  sizeOf(kind: BlobKind, id: string): number;
}

/** A first guess at the header's length; one request more where it is longer. */
const HEADER_GUESS_BYTES = 4 * 1024;
/** Frames that lie this close are fetched together. */
const GAP_BYTES = 128 * 1024;
/** Most that is fetched at a time. */
const RUN_BYTES = 4 * 1024 * 1024;

/** What is needed to read any part of a blob. */
interface OpenedBlob {
  readonly name: string;
  readonly size: number;
  readonly key: Uint8Array;
  /** Where the first piece begins in the object. */
  readonly payloadAt: number;
  /** Bytes of the opened age file. */
  readonly plainTotal: number;
  readonly frames: readonly Frame[];
}

/** Chunks wanted from one frame. */
interface WantedFrame<T extends Place> {
  readonly frame: Frame;
  readonly places: T[];
}

/** Reads chunks out of blobs, fetching no more of them than their frames, and checks every byte. */
export class BlobReader {
  readonly #source: BlobSource;
  readonly #kind: BlobKind;
  readonly #opened = new Map<string, Promise<OpenedBlob>>();

  constructor(source: BlobSource, kind: BlobKind) {
    this.#source = source;
    this.#kind = kind;
  }

  /**
   * Gives each of `places`, all in `blob`, with its bytes, in the order of the blob; the bytes are a view that is valid
   * until the next is taken. Where a frame cannot be read, `onDamage` is told of its places and the rest goes on.
   */
  async *read<T extends Place>(
    blob: string,
    places: readonly T[],
    onDamage: (places: readonly T[], error: Error) => void,
  ): AsyncGenerator<readonly [T, Uint8Array]> {
    let opened: OpenedBlob;
    let wanted: WantedFrame<T>[];
    try {
      opened = await this.#open(blob);
      wanted = groupByFrame(opened.frames, places, onDamage);
    } catch (error) {
      if (!isDamage(error)) throw error;
      return onDamage(places, named(blobName(this.#kind, blob), error));
    }
    for (const run of runs(wanted)) {
      try {
        yield* this.#readRun(opened, run, onDamage);
      } catch (error) {
        if (!isDamage(error)) throw error;
        onDamage(run.flatMap(({ places }) => places), named(opened.name, error));
      }
    }
  }

  /** The bytes at one place. Throws `CorruptionError` or `NotFoundError`. */
  async readOne(place: Place): Promise<Uint8Array> {
    const damage = (_: readonly Place[], error: Error) => {
      throw error;
    };
    for await (const [, bytes] of this.read(place.blob, [place], damage)) return bytes;
    throw new CorruptionError(`Cannot read chunk ${place.id}: blob ${place.blob} does not hold it`);
  }

  async *#readRun<T extends Place>(
    blob: OpenedBlob,
    run: readonly WantedFrame<T>[],
    onDamage: (places: readonly T[], error: Error) => void,
  ): AsyncGenerator<readonly [T, Uint8Array]> {
    const start = run[0].frame.storedOffset;
    const last = run[run.length - 1].frame;
    const stored = await this.#fetchPlain(blob, start, last.storedOffset + last.stored);
    for (const { frame, places } of run) {
      const at = frame.storedOffset - start;
      let plain: Uint8Array;
      try {
        plain = decompressFrame(stored.subarray(at, at + frame.stored), frame.plain);
      } catch (error) {
        if (!isDamage(error)) throw error;
        onDamage(places, named(blob.name, error));
        continue;
      }
      for (const place of places) {
        const from = place.offset - frame.plainOffset;
        const bytes = plain.subarray(from, from + place.length);
        if (sha256Hex(bytes) === place.id) yield [place, bytes];
        else {onDamage(
            [place],
            new CorruptionError(`object "${blob.name}" is damaged: chunk ${place.id} has other bytes`),
          );}
      }
      release(plain);
    }
    release(stored);
  }

  /** Bytes `from` to `to` of the opened age file. */
  async #fetchPlain(blob: OpenedBlob, from: number, to: number): Promise<Uint8Array> {
    const first = Math.floor(from / PIECE_BYTES);
    const pieces = Math.ceil(to / PIECE_BYTES) - first;
    const offset = blob.payloadAt + first * SEALED_PIECE_BYTES;
    const length = Math.min(pieces * SEALED_PIECE_BYTES, blob.size - offset);
    const sealed = await this.#source.fetch(blob.name, offset, length);
    const plain = openPieces(blob.key, first, sealed, blob.plainTotal);
    release(sealed);
    return plain.subarray(from - first * PIECE_BYTES, to - first * PIECE_BYTES);
  }

  #open(id: string): Promise<OpenedBlob> {
    let opened = this.#opened.get(id);
    if (opened === undefined) {
      opened = this.#openAnew(id);
      if (this.#opened.size >= OPENED_MAX) this.#opened.delete(this.#opened.keys().next().value!);
    } else this.#opened.delete(id);
    this.#opened.set(id, opened);
    return opened;
  }

  async #openAnew(id: string): Promise<OpenedBlob> {
    const name = blobName(this.#kind, id);
    const size = this.#source.sizeOf(this.#kind, id);
    const { header, nonce } = await this.#fetchHeader(name, size);
    const key = streamKey(await this.#source.openHeader(header), nonce);
    const payloadAt = header.length + NONCE_BYTES;
    const plainTotal = plainLength(size - payloadAt);
    const blob = { name, size, key, payloadAt, plainTotal, frames: [] };
    return { ...blob, frames: await this.#fetchFrames(blob) };
  }

  async #fetchHeader(name: string, size: number): Promise<{ header: Uint8Array; nonce: Uint8Array }> {
    for (let guess = HEADER_GUESS_BYTES;; guess = HEADER_BYTES_MAX) {
      const start = await this.#source.fetch(name, 0, Math.min(guess, size));
      const length = headerLength(start);
      if (length !== undefined && start.length >= length + NONCE_BYTES) {
        return { header: start.slice(0, length), nonce: start.slice(length, length + NONCE_BYTES) };
      }
      if (guess === HEADER_BYTES_MAX || start.length === size) {
        throw new CorruptionError(`Cannot read "${name}": it has no age header`);
      }
    }
  }

  async #fetchFrames(blob: OpenedBlob): Promise<Frame[]> {
    let tail = await this.#fetchPlain(blob, Math.max(0, blob.plainTotal - PIECE_BYTES), blob.plainTotal);
    const length = seekTableLength(tail);
    if (length > blob.plainTotal) {
      throw new CorruptionError(`Cannot read "${blob.name}": its seek table is damaged`);
    }
    if (length > tail.length) tail = await this.#fetchPlain(blob, blob.plainTotal - length, blob.plainTotal);
    return decodeSeekTable(tail);
  }
}

/** Blobs whose keys and seek tables are kept at a time. */
const OPENED_MAX = 64;

/** What is wrong with stored data, not with the way to it. */
function isDamage(error: unknown): error is Error {
  return error instanceof CorruptionError || error instanceof NotFoundError;
}

/** The error, saying which object is damaged. */
function named(name: string, error: Error): Error {
  if (error.message.includes(name)) return error;
  return new CorruptionError(`object "${name}" is damaged: ${error.message}`, { cause: error });
}

function groupByFrame<T extends Place>(
  frames: readonly Frame[],
  places: readonly T[],
  onDamage: (places: readonly T[], error: Error) => void,
): WantedFrame<T>[] {
  const wanted: WantedFrame<T>[] = [];
  for (const place of places.toSorted((a, b) => a.offset - b.offset)) {
    try {
      const frame = frameOf(frames, place.offset, place.length);
      if (wanted[wanted.length - 1]?.frame !== frame) wanted.push({ frame, places: [] });
      wanted[wanted.length - 1].places.push(place);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDamage([place], error);
    }
  }
  return wanted;
}

/** Joins frames that lie close into runs that are fetched at once. */
function* runs<T extends Place>(wanted: readonly WantedFrame<T>[]): Generator<WantedFrame<T>[]> {
  let run: WantedFrame<T>[] = [];
  for (const next of wanted) {
    const last = run[run.length - 1]?.frame;
    const end = next.frame.storedOffset + next.frame.stored;
    const isFar = last !== undefined &&
      (next.frame.storedOffset - last.storedOffset - last.stored > GAP_BYTES ||
        end - run[0].frame.storedOffset > RUN_BYTES);
    if (isFar) {
      yield run;
      run = [];
    }
    run.push(next);
  }
  if (run.length > 0) yield run;
}
