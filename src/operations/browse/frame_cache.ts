import { release } from "../../base/bytes.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import { LruCache } from "../../base/lru.ts";
import type { SharedArena } from "../../base/shared_arena.ts";
import { type Frame, frameOf } from "../../blob/seek_table.ts";
import type { Place } from "../../model/entry.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import type { BlobSource } from "../../read/blob_reader.ts";
import { OpenedBlob } from "../../read/opened_blob.ts";
import type { FoundLines } from "../../model/page_search.ts";
import type { PathTest } from "../../model/path_pattern.ts";
import { boundsOf, groupByFrame, runs, type WantedFrame } from "../../read/wanted_frames.ts";
import type { FrameOpener } from "./open_frame.ts";
import { checkChunk, type ChunkInFrame, type SealedFrame } from "./sealed_frame.ts";
import { type Fault, isFault, openRuns, type SealedRun } from "./search_frames.ts";

/** Plain bytes that are kept. */
export const CACHE_BYTES = 64 * 1024 * 1024;
/** A blob of pages that is no larger is fetched whole: that costs less than two round trips more, and much of it is wanted as a rule. */
const WHOLE_BYTES = 1024 * 1024;
/** Blobs whose keys and seek tables are kept: a few KB each. */
const OPENED_MAX = 2048;
/** Of what is searched, so much is fetched by one request at most. */
const RUN_BYTES = 1024 * 1024;

const decoder = new TextDecoder();

/** Bytes that are not to be changed, and stay until they are given back, once: their memory is used again then. */
export interface Lent extends Disposable {
  readonly bytes: Uint8Array;
}

interface CachedFrame {
  readonly bytes: Uint8Array;
  /** Whether its memory is of those that threads share. */
  readonly isShared: boolean;
  /** Ids of chunks that were checked in it, by their offset. */
  readonly checked: Map<number, string>;
  /** To how many it is lent. */
  readers: number;
  isKept: boolean;
}

/** For contents that are fetched and wait to be opened, which it bounds; and for what is opened. */
export interface FrameMemory {
  readonly sealed?: SharedArena;
  readonly plain?: SharedArena;
}

/** A frame that is asked for, and for which chunk. */
interface AskedFrame {
  readonly source: BlobSource;
  readonly blob: OpenedBlob;
  readonly frame: Frame;
  readonly chunk: ChunkInFrame;
  /** Someone waits for it, rather than will ask for it soon. */
  readonly isAwaited: boolean;
}

/**
 * Reads chunks at random. Of a blob only the frames that are asked for are fetched; each is opened once as long as it is kept, whoever asks
 * for it meanwhile, and every chunk is checked by its SHA-256 before it is given out. Blobs are named by their contents, so that snapshots
 * share what is kept.
 */
export class FrameCache {
  readonly #opener: FrameOpener;
  readonly #sealed: SharedArena | undefined;
  readonly #plain: SharedArena | undefined;
  readonly #opened = new LruCache<string, Promise<OpenedBlob>>(OPENED_MAX);
  readonly #frames: LruCache<string, CachedFrame>;
  readonly #loading = new Map<string, Promise<CachedFrame>>();

  /** Memory that threads share: without it each frame has its own, of which every one costs page faults and a garbage collection. */
  constructor(opener: FrameOpener, limitBytes = CACHE_BYTES, { sealed, plain }: FrameMemory = {}) {
    this.#opener = opener;
    this.#sealed = sealed;
    this.#plain = plain;
    this.#frames = new LruCache(limitBytes, (frame) => {
      frame.isKept = false;
      this.#releaseUnused(frame);
    });
  }

  /** The bytes at `place`. Throws `CorruptionError` where they are lost, and what the store throws. */
  read(source: BlobSource, kind: BlobKind, place: Place): Promise<Lent> {
    return this.#read(source, kind, place, true);
  }

  /** Fetches and opens what will be asked for soon. */
  prefetch(source: BlobSource, kind: BlobKind, place: Place): void {
    // What is wrong shows where it is read.
    this.#read(source, kind, place, false).then((lent) => lent[Symbol.dispose](), () => {});
  }

  async #read(source: BlobSource, kind: BlobKind, place: Place, isAwaited: boolean): Promise<Lent> {
    const name = blobName(kind, place.blob);
    try {
      const blob = await this.#open(source, kind, place);
      const frame = frameOf(blob.frames, place.offset, place.length);
      const chunk = { offset: place.offset - frame.plainOffset, length: place.length, id: place.id };
      return this.#lend(await this.#frame({ source, blob, frame, chunk, isAwaited }), chunk);
    } catch (error) {
      throw sayingWhich(name, error);
    }
  }

  #open(source: BlobSource, kind: BlobKind, { blob, blobSize }: Place): Promise<OpenedBlob> {
    const name = blobName(kind, blob);
    let opened = this.#opened.get(name);
    if (opened !== undefined) return opened;
    opened = this.#openNew(source, name, blobSize, kind === "pages" && blobSize <= WHOLE_BYTES);
    this.#opened.set(name, opened);
    opened.catch(() => this.#opened.delete(name));
    return opened;
  }

  /** The source keeps what is fetched of small objects, so that frames come from there where all was fetched. */
  async #openNew(source: BlobSource, name: string, size: number, isWhole: boolean): Promise<OpenedBlob> {
    if (isWhole) release(await source.fetch(name, 0, size));
    return await OpenedBlob.open({
      name,
      size,
      fetch: (offset, length) => source.fetch(name, offset, length),
      openHeader: (header) => source.openHeader(header),
    });
  }

  /** A frame with one reader more. */
  async #frame(asked: AskedFrame): Promise<CachedFrame> {
    const key = `${asked.blob.name} ${asked.frame.plainOffset}`;
    for (;;) {
      const cached = this.#frames.get(key);
      if (cached !== undefined) {
        cached.readers++;
        return cached;
      }
      const begun = this.#loading.get(key);
      if (begun === undefined) break;
      // Where it fails, that may be for the other chunk's sake.
      await begun.catch(() => {});
    }
    const loading = this.#load(asked);
    this.#loading.set(key, loading);
    try {
      const loaded = await loading;
      this.#frames.set(key, loaded, loaded.bytes.length);
      return loaded;
    } finally {
      this.#loading.delete(key);
    }
  }

  async #load({ source, blob, frame, chunk, isAwaited }: AskedFrame): Promise<CachedFrame> {
    const fetched = await this.#memoryFor(blob, frame);
    let into: Uint8Array | undefined;
    try {
      const sealed = await fetchSealed(source, blob, frame, fetched);
      into = this.#roomFor(frame.plain);
      const isAlone = isAwaited && this.#loading.size === 1;
      const bytes = await this.#opener.open({ ...sealed, chunk, into }, isAlone);
      const checked = new Map([[chunk.offset, chunk.id]]);
      return { bytes, isShared: into !== undefined, checked, readers: 1, isKept: true };
    } catch (error) {
      if (into !== undefined) this.#plain!.give(into);
      throw error;
    } finally {
      if (fetched !== undefined) this.#sealed!.give(fetched);
    }
  }

  /** Shared memory for a frame, for which others go that were used longest ago; `undefined` where all is in use. */
  #roomFor(length: number): Uint8Array | undefined {
    if (this.#plain === undefined || length === 0 || length > this.#plain.size) return undefined;
    for (;;) {
      const room = this.#plain.takeNow(length);
      if (room !== undefined || !this.#frames.deleteOldest()) return room;
    }
  }

  /** A chunk of a frame that has one reader for it. Throws `CorruptionError` where it is not in it. */
  #lend(frame: CachedFrame, chunk: ChunkInFrame): Lent {
    const giveBack = () => {
      frame.readers--;
      this.#releaseUnused(frame);
    };
    try {
      if (frame.checked.get(chunk.offset) !== chunk.id) checkChunk(frame.bytes, chunk);
    } catch (error) {
      giveBack();
      throw error;
    }
    frame.checked.set(chunk.offset, chunk.id);
    return {
      bytes: frame.bytes.subarray(chunk.offset, chunk.offset + chunk.length),
      [Symbol.dispose]: giveBack,
    };
  }

  #releaseUnused({ bytes, isShared, readers, isKept }: CachedFrame): void {
    if (readers > 0 || isKept) return;
    if (isShared) this.#plain!.give(bytes);
    else release(bytes);
  }

  /** For contents alone: of pages the source keeps what it fetches. */
  async #memoryFor(blob: OpenedBlob, frame: Frame): Promise<Uint8Array | undefined> {
    const { length } = rangeOf(blob, frame);
    const isShared = this.#sealed !== undefined && blob.name.startsWith("blobs/") &&
      length <= this.#sealed.size;
    return isShared ? await this.#sealed.take(length) : undefined;
  }

  /**
   * What is found in some pages, in their order, or that they are lost. Nothing of them is kept: a search meets each once. Throws what the
   * store throws.
   */
  search(
    source: BlobSource,
    pages: readonly Place[],
    test: PathTest,
  ): Promise<(FoundLines | CorruptionError)[]> {
    return this.#inRuns(source, pages, (runs) => this.#opener.search({ runs, test }));
  }

  /** The text of each of some pages, as {@link search}: for short ones, which are opened on this thread. */
  texts(source: BlobSource, pages: readonly Place[]): Promise<(string | CorruptionError)[]> {
    // deno-lint-ignore require-await
    return this.#inRuns(source, pages, async (runs) => openRuns(runs, (page) => decoder.decode(page)));
  }

  async #inRuns<T extends object | string>(
    source: BlobSource,
    pages: readonly Place[],
    open: (runs: readonly SealedRun[]) => Promise<(T | Fault)[]>,
  ): Promise<(T | CorruptionError)[]> {
    const found = new Map<Place, T | CorruptionError>();
    for (const some of Map.groupBy(pages, ({ blob }) => blob).values()) {
      const name = blobName("pages", some[0]!.blob);
      const onDamage = (lost: readonly Place[], error: unknown) => {
        const damage = sayingWhich(name, error);
        if (!(damage instanceof CorruptionError)) throw damage;
        for (const page of lost) found.set(page, damage);
      };
      try {
        const opened = await this.#open(source, "pages", some[0]!);
        const wanted = groupByFrame(opened.frames, some, onDamage);
        const sealed = [...runs(wanted, RUN_BYTES)].map((run) => fetchRun(source, opened, run));
        const each = await open(await Promise.all(sealed));
        wanted.flatMap(({ places }) => places).forEach((page, i) => {
          const one = each[i]!;
          if (isFault(one)) onDamage([page], new CorruptionError(one.fault));
          else found.set(page, one);
        });
      } catch (error) {
        onDamage(some, error);
      }
    }
    return pages.map((page) => found.get(page)!);
  }
}

function rangeOf(blob: OpenedBlob, { storedOffset, stored }: Frame) {
  return blob.rangeOf(storedOffset, storedOffset + stored);
}

async function fetchSealed(
  source: BlobSource,
  blob: OpenedBlob,
  frame: Frame,
  into?: Uint8Array,
): Promise<SealedFrame> {
  const { offset, length } = rangeOf(blob, frame);
  const sealed = await source.fetch(blob.name, offset, length, into);
  const { storedOffset, stored, plain } = frame;
  return { ...blob.opening(storedOffset), sealed, stored, plain };
}

async function fetchRun(
  source: BlobSource,
  blob: OpenedBlob,
  run: readonly WantedFrame<Place>[],
): Promise<SealedRun> {
  const [from, to] = boundsOf(run);
  const { offset, length } = blob.rangeOf(from, to);
  const frames = run.map(({ frame: { storedOffset, stored, plain, plainOffset }, places }) => {
    const pages = places.map(({ offset, length, id }) => ({ offset: offset - plainOffset, length, id }));
    return { at: storedOffset - from, stored, plain, pages };
  });
  return { ...blob.opening(from), sealed: await source.fetch(blob.name, offset, length), frames };
}

/** Damage says in which object it is; that a blob is missing is damage too. */
function sayingWhich(name: string, error: unknown): unknown {
  if (error instanceof NotFoundError) {
    return new CorruptionError(`object "${name}" is missing`, { cause: error });
  }
  if (!(error instanceof CorruptionError) || error.message.includes(name)) return error;
  return new CorruptionError(`object "${name}" is damaged: ${error.message}`, { cause: error });
}
