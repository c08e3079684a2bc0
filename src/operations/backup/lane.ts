import { Mutex } from "../../base/mutex.ts";
import { dataExtents, keepHoles } from "../../chunk/extents.ts";
import { ENOENT } from "../../platform/libc.ts";
import { isThere, openFile } from "../../platform/no_links.ts";
import { effectiveUser } from "../../platform/owners.ts";
import { closeFile, findHoles, readOnce, SystemError } from "../../platform/read.ts";
import { S_IFREG, Stat, STAT_BYTES } from "../../platform/stat.ts";
import { readFileXattrs } from "../../platform/xattrs.ts";
import { copyStamp, isStamp, STAMP_BYTES, stampSize } from "../../scan/stamp.ts";
import { Cutting, type Submit } from "./cutting.ts";
import type { ReadBatch, StreamPiece } from "./messages.ts";
import type { LostXattr, ReadOutcome } from "../../write/read_outcome.ts";

/** How often a file that changes under our eyes is read again. */
const ATTEMPTS = 3;
/** Most files are no larger; what is larger costs more to read than to look at. */
const SMALL_FILE_BYTES = 64 * 1024;
/** A lane for files of any size holds one chunk of the largest size, and as much more, which is the least that is read at a time. */
export const LANE_SLACK_BYTES = 1024 * 1024;
/** A file of a batch: its path as the system takes it, and in `stamps` at `at` what the scan saw of it. */
interface SeenFile {
  readonly path: Uint8Array<ArrayBuffer>;
  readonly stamps: Uint8Array;
  readonly at: number;
}

/** One at a time: all of them as objects would outlive young garbage. */
function* filesOf({ paths, stamps }: ReadBatch): Generator<SeenFile> {
  for (let start = 0, at = 0; start < paths.length; at += STAMP_BYTES) {
    const end = paths.indexOf(0, start) + 1;
    yield { path: paths.subarray(start, end), stamps, at };
    start = end;
  }
}

/** Of a file that was read, and of which there is nothing to tell. */
const PLAIN = "plain";
type Outcome = ReadOutcome | typeof PLAIN;

/** One buffer through which the files of one batch pass; small files share it. */
export class Lane {
  readonly #cutting: Cutting;
  readonly #pull: (stream: number) => Promise<StreamPiece>;
  readonly #turns = new Mutex();
  readonly #stat = new Stat();
  readonly #stamp = new Uint8Array(STAMP_BYTES);
  readonly #probe = new Uint8Array(1);

  /** Batches that it has or that wait for it. */
  batches = 0;

  constructor(cutting: Cutting, pull: (stream: number) => Promise<StreamPiece>) {
    this.#cutting = cutting;
    this.#pull = pull;
  }

  read(batch: ReadBatch, submit: Submit): Promise<ReadOutcome[]> {
    this.batches++;
    return this.#turns.run(() => this.#readBatch(batch, submit)).finally(() => this.batches--);
  }

  async #readBatch(batch: ReadBatch, submit: Submit): Promise<ReadOutcome[]> {
    this.#cutting.begin(batch.batch, submit);
    const outcomes = batch.stream === undefined
      ? await this.#readFiles(batch)
      : [await this.#readStream(batch.stream)];
    await this.#cutting.flush();
    return outcomes;
  }

  async #readFiles(batch: ReadBatch): Promise<ReadOutcome[]> {
    const outcomes: ReadOutcome[] = [];
    let file = 0;
    for (const seen of filesOf(batch)) {
      // A promise for each of very many small files would cost as much as to hash them.
      const outcome = this.#readSmall(file, seen) ?? await this.#readFile(file, seen);
      if (outcome !== PLAIN) outcomes.push(outcome);
      file++;
    }
    return outcomes;
  }

  /** What a stream gives belongs to who makes the backup. */
  async #readStream(stream: number): Promise<ReadOutcome> {
    const cutting = this.#cutting;
    cutting.owner = effectiveUser();
    cutting.beginGroup(0, false);
    for (let streamed = 0;;) {
      const piece = await this.#pull(stream);
      if (!("bytes" in piece)) {
        if (piece.fault === undefined) cutting.cutChunks(true);
        else cutting.dropUncut();
        return { file: 0, streamed, unreadable: piece.fault };
      }
      if (cutting.space().length < piece.bytes.length) await cutting.flush();
      cutting.space().set(piece.bytes);
      cutting.take(piece.bytes.length);
      cutting.cutChunks(false);
      streamed += piece.bytes.length;
    }
  }

  async #readFile(file: number, seen: SeenFile): Promise<Outcome> {
    try {
      for (let attempt = 1;; attempt++) {
        this.#cutting.beginGroup(file, attempt > 1);
        const outcome = await this.#readOnce(file, seen);
        if (outcome === PLAIN || !outcome.changed || attempt === ATTEMPTS) return outcome;
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#cutting.dropUncut();
      return { file, unreadable: error.message, vanished: error.code === ENOENT && !isThere(seen.path) };
    }
  }

  async #readOnce(file: number, seen: SeenFile): Promise<Outcome> {
    const fd = openFile(seen.path);
    try {
      return await this.#readAny(fd, file, seen);
    } finally {
      closeFile(fd);
    }
  }

  /** Reads a small file that is still as the scan saw it, with one look at it; `undefined` where it is another case. */
  #readSmall(file: number, { path, stamps, at }: SeenFile): Outcome | undefined {
    const size = stampSize(stamps, at);
    const cutting = this.#cutting;
    if (size > SMALL_FILE_BYTES || size >= cutting.room) return undefined;
    let fd = -1;
    try {
      fd = openFile(path);
      // One byte more than there should be: some file systems say 0 of files that are not empty.
      const got = readOnce(fd, cutting.space(size + 1), 0);
      this.#statOf(fd);
      const { type, blocks, uid } = this.#stat;
      if (got !== size || type !== S_IFREG || blocks * 512 < size) return undefined;
      if (!isStamp(this.#stat.bytes, stamps, at)) return undefined;
      let isLost = false;
      const xattrs = readFileXattrs(fd, () => isLost = true);
      if (isLost) return undefined;
      cutting.owner = uid;
      cutting.beginGroup(file, false);
      cutting.take(size);
      cutting.cutChunks(true);
      return xattrs === undefined ? PLAIN : { file, xattrs };
    } catch (error) {
      if (error instanceof SystemError) return undefined;
      throw error;
    } finally {
      if (fd >= 0) closeFile(fd);
    }
  }

  async #readAny(fd: number, file: number, { stamps, at }: SeenFile): Promise<Outcome> {
    this.#statOf(fd);
    const { size, blocks, type, uid } = this.#stat;
    if (type !== S_IFREG) return { file, unreadable: "it is no regular file any more" };
    if (size > Number.MAX_SAFE_INTEGER) return { file, unreadable: "it is larger than 8 PiB" };
    this.#cutting.owner = uid;
    if (size > this.#cutting.capacity) this.#makeLarge();
    copyStamp(this.#stat.bytes, this.#stamp, 0);
    const moved = isStamp(this.#stat.bytes, stamps, at) ? undefined : this.#stat.bytes.slice(0, STAT_BYTES);
    const lost: LostXattr[] = [];
    const xattrs = readFileXattrs(fd, (what, reason) => void lost.push({ what, reason }));
    const holes = blocks * 512 < size ? keepHoles(findHoles(fd, size)) : [];
    const read = await this.#readExtents(fd, holes, size);
    const length = read === size && !this.#hasChanged(fd) ? await this.#readTail(fd, size) : read;
    const changed = this.#hasChanged(fd);
    const isPlain = moved === undefined && xattrs === undefined && lost.length === 0 && holes.length === 0;
    if (isPlain && !changed && length === size) return PLAIN;
    return {
      file,
      stat: moved,
      holes: holes.length === 0 ? undefined : holes.filter(([offset, size]) => offset + size <= length),
      xattrs,
      lostXattrs: lost.length === 0 ? undefined : lost,
      length: length === size ? undefined : length,
      changed: changed ? true : undefined,
    };
  }

  /** Whether the open file is another one than when it was opened. */
  #hasChanged(fd: number): boolean {
    this.#statOf(fd);
    return !isStamp(this.#stat.bytes, this.#stamp);
  }

  /** For a file that has grown since the scan saw it: the largest chunk must fit. */
  #makeLarge(): void {
    this.#cutting.grow(LANE_SLACK_BYTES + this.#cutting.chunkBytesMax);
  }

  #statOf(fd: number): void {
    if (!this.#stat.of(fd)) throw new Error("Cannot stat an open file");
  }

  /** Reads what is between the holes of a file of `size` bytes. Where it ends: before `size` if there is less. */
  async #readExtents(
    fd: number,
    holes: readonly (readonly [number, number])[],
    size: number,
  ): Promise<number> {
    for (const { offset, length } of dataExtents(holes, size)) {
      const end = await this.#readUpTo(fd, offset, offset + length);
      if (end < offset + length) return end;
    }
    return size;
  }

  /** Reads on from `size`, where the file system says that the file ends. Where it does. */
  async #readTail(fd: number, size: number): Promise<number> {
    if (readOnce(fd, this.#probe, size) === 0) return size;
    this.#makeLarge();
    return await this.#readUpTo(fd, size, Infinity);
  }

  /** Reads from `start` up to `end`, or to the end of the file: where that was. What was read is cut. */
  async #readUpTo(fd: number, start: number, end: number): Promise<number> {
    const cutting = this.#cutting;
    for (let at = start;;) {
      if (cutting.room < Math.min(end - at, LANE_SLACK_BYTES)) await cutting.flush();
      const got = readOnce(fd, cutting.space(end - at), at);
      cutting.take(got);
      at += got;
      const isEnd = got === 0 || at === end;
      cutting.cutChunks(isEnd);
      if (isEnd) return at;
    }
  }
}
