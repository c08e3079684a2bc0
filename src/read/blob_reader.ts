import { append } from "../base/append.ts";
import { CorruptionError, NotFoundError } from "../base/errors.ts";
import { release } from "../base/bytes.ts";
import { SpareBytes } from "../base/spare_bytes.ts";
import { readAhead } from "../base/read_ahead.ts";
import { readRawPart } from "../blob/raw_frame.ts";
import { decompressFrame } from "../blob/zstd.ts";
import { DEFAULT_BLOB_BYTES } from "../model/blob_size.ts";
import type { Place } from "../model/entry.ts";
import { type BlobKind, blobName } from "../model/names.ts";
import { giveMemoryBack } from "../platform/memory.ts";
import { isIdOf } from "./chunk_id.ts";
import { type Extent, OpenedBlob, OPENING_BYTES } from "./opened_blob.ts";
import { boundsOf, groupByFrame, narrow, runs, type WantedFrame } from "./wanted_frames.ts";

/** What a reader of blobs asks of others: it has neither the store nor the identity. */
export interface BlobSource {
  /** Bytes of an object, in `into` where that is given and the source can. Throws `NotFoundError`, `CorruptionError`, `UnavailableError`. */
  fetch(name: string, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** The file key in an age header. */
  openHeader(header: Uint8Array): Promise<Uint8Array>;
  /** For contents, which are read once and soon; absent: `fetch` serves. */
  readonly lent?: LentMemory;
}

/** Memory that others use again. */
export interface LentMemory {
  /** As {@link BlobSource.fetch}, and to be given back, once. */
  fetch(name: string, offset: number, length: number): Promise<Uint8Array>;
  giveBack(bytes: Uint8Array): void;
}

/** A larger blob is not fetched whole: all of one of the default size is. */
const WHOLE_BYTES = DEFAULT_BLOB_BYTES;
/** Of parts of a blob, so many are fetched ahead, each of at most so many bytes: together what a whole one may take. */
const RUNS_AHEAD = 4;
const RUN_BYTES = WHOLE_BYTES / RUNS_AHEAD;
/** A blob in parts takes a round trip more than one that is fetched whole, in which so much may come instead. */
const ROUND_TRIP_BYTES = 1024 * 1024;
/** Most that is opened at a time. */
const OPEN_BYTES = 1024 * 1024;
/** Blobs whose keys and seek tables are kept at a time. */
const OPENED_MAX = 64;
/** After so many bytes that were read, what is free is given back to the system: this takes milliseconds. */
const TRIM_BYTES = 16 * 1024 * 1024;
/** What is opened or decompressed is no larger, mostly. */
const SPARE_BYTES = 2 * OPEN_BYTES;
/** A blob of which about so much is wanted is fetched whole. */
const MOST = 0.75;
/** Stored bytes for each plain one, while no blob was opened. */
const FIRST_RATIO = 0.25;

const spareOpened = new SpareBytes(SPARE_BYTES);
const sparePlain = new SpareBytes(SPARE_BYTES);

/** Reads chunks out of blobs, fetching little more of them than their frames, and checks every byte. */
export class BlobReader {
  readonly #source: BlobSource;
  readonly #kind: BlobKind;
  readonly #opened = new Map<string, Promise<OpenedBlob>>();
  /** Stored bytes for each plain one, as the blobs opened before have it: rather too low, so that little is fetched in vain. */
  #ratio: number | undefined;
  /** Since memory was given back. */
  #readBytes = 0;

  constructor(source: BlobSource, kind: BlobKind) {
    this.#source = source;
    this.#kind = kind;
  }

  /**
   * Gives each of `places`, all in `blob`, with its bytes, in the order of the blob; the bytes are a view that is valid
   * until the next is taken. Where a frame cannot be read, `onDamage` is called with its places and the rest goes on.
   */
  async *read<T extends Place>(
    blob: string,
    places: readonly T[],
    onDamage: OnDamage<T>,
  ): AsyncGenerator<readonly [T, Uint8Array]> {
    for await (const run of this.readRuns(blob, places, onDamage)) yield* run;
  }

  /** As {@link read}, many at a time, for those who need not wait between two: each run is to be taken whole before the next. */
  async *readRuns<T extends Place>(
    blob: string,
    places: readonly T[],
    onDamage: OnDamage<T>,
  ): AsyncGenerator<Iterable<readonly [T, Uint8Array]>> {
    if (places.length === 0) return;
    let whole: Extent | undefined;
    try {
      let opened: OpenedBlob;
      try {
        whole = await this.#fetchWhole(blob, places);
        opened = await this.#open(blob, places[0]!.blobSize, whole);
      } catch (error) {
        return onDamage(places, damageOf(blobName(this.#kind, blob), error));
      }
      const wanted = groupByFrame(opened.frames, places, onDamage);
      if (whole === undefined) return yield* this.#readNarrowly(opened, wanted, onDamage);
      for (const part of runs(wanted, OPEN_BYTES)) yield readRun(opened, whole, part, onDamage);
    } finally {
      if (whole !== undefined) this.#giveBack(whole);
    }
  }

  /** What cannot be read is looked for in whole frames: they are what the format promises. */
  async *#readNarrowly<T extends Place>(
    opened: OpenedBlob,
    wanted: readonly WantedFrame<T>[],
    onDamage: OnDamage<T>,
  ): AsyncGenerator<Iterable<readonly [T, Uint8Array]>> {
    const again: T[] = [];
    yield* this.#readInParts(opened, narrow(wanted), (places) => append(again, places));
    yield* this.#readInParts(opened, groupByFrame(opened.frames, again, onDamage), onDamage);
  }

  async *#readInParts<T extends Place>(
    opened: OpenedBlob,
    wanted: readonly WantedFrame<T>[],
    onDamage: OnDamage<T>,
  ): AsyncGenerator<Iterable<readonly [T, Uint8Array]>> {
    const held = new Set<Promise<Extent>>();
    const fetch = async (run: readonly WantedFrame<T>[]) => {
      const fetched = this.#fetchRun(opened, run);
      held.add(fetched);
      try {
        return { run, fetched, extent: await fetched };
      } catch (error) {
        return { run, fetched, damage: damageOf(opened.name, error) };
      }
    };
    try {
      for await (
        const { run, fetched, extent, damage } of readAhead(runs(wanted, RUN_BYTES), RUNS_AHEAD, fetch)
      ) {
        if (extent === undefined) onDamage(placesOf(run), damage);
        else for (const part of runs(run, OPEN_BYTES)) yield readRun(opened, extent, part, onDamage);
        if (held.delete(fetched) && extent !== undefined) this.#giveBack(extent);
      }
    } finally {
      // Where the caller has stopped, or this has failed: of what was fetched in vain nothing may stay taken.
      for (const fetched of held) fetched.then((extent) => this.#giveBack(extent), () => {});
    }
  }

  #borrow(name: string, offset: number, length: number): Promise<Uint8Array> {
    return (this.#source.lent ?? this.#source).fetch(name, offset, length);
  }

  #giveBack({ bytes }: Extent): void {
    if (this.#source.lent === undefined) release(bytes);
    else this.#source.lent.giveBack(bytes);
    this.#readBytes += bytes.length;
    if (this.#readBytes < TRIM_BYTES) return;
    this.#readBytes = 0;
    // What zstd leaves free within glibc's arenas.
    giveMemoryBack();
  }

  /** The bytes at one place. Throws `CorruptionError` or `NotFoundError`. */
  async readOne(place: Place): Promise<Uint8Array> {
    const damage = (_: readonly Place[], error: Error) => {
      throw error;
    };
    for await (const [, bytes] of this.read(place.blob, [place], damage)) return bytes;
    throw new CorruptionError(`Cannot read chunk ${place.id}: blob ${place.blob} does not hold it`);
  }

  /** All of a blob that is to be opened, where about all of it is wanted, going by the blob before; else `undefined`. */
  async #fetchWhole(id: string, places: readonly Place[]): Promise<Extent | undefined> {
    if (this.#opened.has(id)) return undefined;
    if (isReadInParts(places, this.#ratio)) return undefined;
    return { offset: 0, bytes: await this.#borrow(blobName(this.#kind, id), 0, places[0]!.blobSize) };
  }

  async #fetchRun<T extends Place>(blob: OpenedBlob, run: readonly WantedFrame<T>[]): Promise<Extent> {
    const { offset, length } = blob.rangeOf(...boundsOf(run));
    return { offset, bytes: await this.#borrow(blob.name, offset, length) };
  }

  #open(id: string, size: number, whole: Extent | undefined): Promise<OpenedBlob> {
    let opened = this.#opened.get(id);
    if (opened === undefined) {
      opened = this.#openAgain(id, size, whole);
      if (this.#opened.size >= OPENED_MAX) this.#opened.delete(this.#opened.keys().next().value!);
    } else this.#opened.delete(id);
    this.#opened.set(id, opened);
    return opened;
  }

  async #openAgain(id: string, size: number, whole: Extent | undefined): Promise<OpenedBlob> {
    const name = blobName(this.#kind, id);
    const opened = await OpenedBlob.open({
      name,
      size,
      fetch: (offset, length) =>
        whole === undefined
          ? this.#source.fetch(name, offset, length)
          : Promise.resolve(whole.bytes.slice(offset, offset + length)),
      openHeader: (header) => this.#source.openHeader(header),
    });
    const ratio = opened.size / Math.max(1, opened.plainBytes);
    this.#ratio = this.#ratio === undefined ? ratio : Math.min(ratio, (this.#ratio + ratio) / 2);
    return opened;
  }
}

/** Whether a blob of which all of `places` are wanted is not fetched whole; `ratio`: stored bytes for each plain one, where some are known. */
export function isReadInParts(places: readonly Place[], ratio?: number): boolean {
  const size = places[0]!.blobSize;
  const wanted = places.reduce((sum, { length }) => sum + length, 0);
  const stored = wanted * (ratio ?? (isFront(places, wanted, size) ? 1 : FIRST_RATIO));
  return size > WHOLE_BYTES || stored + OPENING_BYTES + ROUND_TRIP_BYTES < size * MOST;
}

/** Whether hardly anything before the last of `places` is not wanted: then most likely nothing behind it either. */
function isFront(places: readonly Place[], wanted: number, size: number): boolean {
  const end = places.reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
  return wanted >= end * MOST && end >= size * MOST;
}

type OnDamage<T> = (places: readonly T[], error: Error) => void;

/** Opens a run that `extent` holds. Where it is damaged, only the frames that the damage touches are. */
function* readRun<T extends Place>(
  blob: OpenedBlob,
  extent: Extent,
  run: readonly WantedFrame<T>[],
  onDamage: OnDamage<T>,
): Generator<readonly [T, Uint8Array]> {
  const [start, end] = boundsOf(run);
  const opened = spareOpened.take(blob.rangeOf(start, end).length);
  let stored: Uint8Array;
  try {
    stored = blob.plain(extent, start, end, opened);
  } catch (error) {
    spareOpened.give(opened);
    const damage = damageOf(blob.name, error);
    if (run.length === 1) return onDamage(run[0]!.places, damage);
    for (const frame of run) yield* readRun(blob, extent, [frame], onDamage);
    return;
  }
  for (const { frame, places } of run) {
    const at = frame.storedOffset - start;
    const room = sparePlain.take(frame.plain);
    let plain: Uint8Array;
    try {
      plain = unpack(frame, stored.subarray(at, at + frame.stored), room);
    } catch (error) {
      sparePlain.give(room);
      onDamage(places, damageOf(blob.name, error));
      continue;
    }
    let checked: Place | undefined;
    for (const place of places) {
      const from = place.offset - frame.plainOffset;
      const bytes = plain.subarray(from, from + place.length);
      if (isSame(place, checked) || isIdOf(place, bytes)) yield [checked = place, bytes];
      else onDamage([place], damageOf(blob.name, new CorruptionError(`chunk ${place.id} has other bytes`)));
    }
    giveRoom(room, plain);
  }
  spareOpened.give(opened);
}

function unpack(frame: WantedFrame<Place>["frame"], stored: Uint8Array, room: Uint8Array): Uint8Array {
  return "untilHead" in frame ? readRawPart(stored, frame, room) : decompressFrame(stored, frame.plain, room);
}

/** The memory of a frame that is done; the runtime takes its own. */
function giveRoom(room: Uint8Array<ArrayBuffer>, plain: Uint8Array): void {
  if (plain.buffer !== room.buffer) release(plain);
  sparePlain.give(room);
}

/** The error, saying which object is damaged. What is wrong with the way to stored data, not with it, is thrown on. */
function damageOf(name: string, error: unknown): Error {
  if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
  if (error.message.includes(name)) return error;
  return new CorruptionError(`object "${name}" is damaged: ${error.message}`, { cause: error });
}

/** Places that are wanted more than once lie side by side. */
function isSame(place: Place, other: Place | undefined): boolean {
  return place.offset === other?.offset && place.length === other.length && place.id === other.id;
}

function placesOf<T extends Place>(run: readonly WantedFrame<T>[]): T[] {
  return run.flatMap(({ places }) => places);
}
