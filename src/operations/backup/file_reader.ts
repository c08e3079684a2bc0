import { sha256Into } from "../../base/digest.ts";
import { Mutex } from "../../base/mutex.ts";
import type { Peer } from "../../base/rpc.ts";
import { dataExtents, type Extent, keepHoles } from "../../chunk/extents.ts";
import { type ChunkSizes, chunkSizes, Cutter } from "../../chunk/fastcdc.ts";
import { gearTable } from "../../chunk/gear.ts";
import { ENOENT } from "../../platform/libc.ts";
import { closeFile, findHoles, openFile, readAt, readFileXattrs, SystemError } from "../../platform/read.ts";
import { S_IFREG, Stat, STAT_BYTES } from "../../platform/stat.ts";
import { copyStamp, isStamp, STAMP_BYTES, stampSize } from "../../scan/stamp.ts";
import type { Claim, ReadBatch, ReaderOptions, ReadOutcome } from "./messages.ts";
import { BlobWriter, type SealedBlob } from "./blob_writer.ts";
import { BufferRing } from "./buffer_ring.ts";

/** Blobs of one reader in memory: one being filled, the others on their way to the store. */
const BLOB_BUFFERS = 2;
/** How often a file that changes under our eyes is read anew. */
const ATTEMPTS = 3;
const ID_BYTES = 32;
/** Most files are no larger; what is larger costs more to read than to look at. */
const SMALL_FILE_BYTES = 64 * 1024;
/** A lane holds one chunk of the largest size, and as much more: then it asks for several chunks at a time. */
const LANE_SLACK_BYTES = 1024 * 1024;

/** Reads batches of files: chunks and hashes them, asks which chunks are new, and writes those to blobs. */
export class FileReader {
  readonly #sizes: ChunkSizes;
  readonly #cutter: Cutter;
  readonly #writer: BlobWriter;
  readonly #writing = new Mutex();
  readonly #peer: Peer;
  readonly #idle: Lane[] = [];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  constructor(options: ReaderOptions, peer: Peer, lanes: number) {
    this.#sizes = chunkSizes(options.chunkSizeBytes);
    this.#cutter = new Cutter(gearTable(options.seed), this.#sizes);
    this.#peer = peer;
    this.#writer = new BlobWriter({
      ...options,
      kind: "blobs",
      ring: new BufferRing(BLOB_BUFFERS, options.blobSizeBytes),
      store: (blob: SealedBlob) => peer.call<ArrayBuffer>("store", blob, [blob.buffer]),
    });
    for (let i = 0; i < lanes; i++) this.#idle.push(new Lane(this.#sizes, this.#cutter));
  }

  /** Resolves when every chunk of the batch is known or in a blob (which need not be stored yet). */
  async read(batch: ReadBatch): Promise<ReadOutcome[]> {
    const lane = await this.#takeLane();
    try {
      return await lane.read(batch, (claim, chunks) => this.#submit(claim, chunks));
    } finally {
      this.#giveLane(lane);
    }
  }

  async flush(): Promise<void> {
    await this.#writing.run(() => this.#writer.flush());
  }

  async #submit(claim: Claim, chunks: readonly Uint8Array[]): Promise<void> {
    const wanted = await this.#peer.call<Uint8Array>("claim", claim);
    await this.#writing.run(async () => {
      for (let i = 0; i < chunks.length; i++) {
        if (wanted[i] === 0) continue;
        await this.#writer.add(chunks[i], claim.ids.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
      }
    });
  }

  #takeLane(): Promise<Lane> {
    const lane = this.#idle.pop();
    if (lane !== undefined) return Promise.resolve(lane);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveLane(lane: Lane): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(lane);
    else this.#idle.push(lane);
  }
}

type Submit = (claim: Claim, chunks: readonly Uint8Array[]) => Promise<void>;

/** The file was cut short while it was read. */
class ShrunkError extends Error {}

/** One buffer through which the files of one batch pass; small files share it. */
class Lane {
  readonly #sizes: ChunkSizes;
  readonly #cutter: Cutter;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #stat = new Stat();
  readonly #stamp = new Uint8Array(STAMP_BYTES);
  /** End of what was read, and of what was cut, in the buffer. */
  #filled = 0;
  #cut = 0;
  #chunks: Uint8Array[] = [];
  #groups: number[] = [];
  #batch = 0;
  #submit!: Submit;

  constructor(sizes: ChunkSizes, cutter: Cutter) {
    this.#sizes = sizes;
    this.#cutter = cutter;
    this.#buffer = new Uint8Array(sizes.max + LANE_SLACK_BYTES);
  }

  async read({ batch, paths, stamps }: ReadBatch, submit: Submit): Promise<ReadOutcome[]> {
    this.#batch = batch;
    this.#submit = submit;
    this.#groups = [];
    const outcomes: ReadOutcome[] = [];
    for (let file = 0; file < paths.length; file++) {
      const seen = stamps.subarray(file * STAMP_BYTES, (file + 1) * STAMP_BYTES);
      const outcome = await this.#readFile(file, paths[file], seen);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    await this.#flush();
    return outcomes;
  }

  async #readFile(file: number, path: string, seen: Uint8Array): Promise<ReadOutcome | undefined> {
    try {
      for (let attempt = 1;; attempt++) {
        this.#beginGroup(file, attempt > 1);
        const outcome = await this.#readOnce(file, path, seen);
        if (outcome?.changed !== true || attempt === ATTEMPTS) return outcome;
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#filled = this.#cut;
      return { file, unreadable: error.message, vanished: error.code === ENOENT };
    }
  }

  async #readOnce(file: number, path: string, seen: Uint8Array): Promise<ReadOutcome | undefined> {
    const fd = openFile(path);
    try {
      if (!this.#readSmall(fd, seen)) return await this.#readAny(fd, file, seen);
      const xattrs = readFileXattrs(fd);
      return xattrs === undefined ? undefined : { file, xattrs };
    } finally {
      closeFile(fd);
    }
  }

  /** Reads a small file that is still as the scan saw it, with one look at it; false where it is another case. */
  #readSmall(fd: number, seen: Uint8Array): boolean {
    const size = stampSize(seen);
    if (size > SMALL_FILE_BYTES || size > this.#buffer.length - this.#filled) return false;
    try {
      const got = readAt(fd, this.#buffer.subarray(this.#filled, this.#filled + size), 0);
      this.#statOf(fd);
      const { type, blocks } = this.#stat;
      if (got < size || type !== S_IFREG || blocks * 512 < size) return false;
      if (!isStamp(this.#stat.bytes, seen)) return false;
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
    this.#filled += size;
    this.#cutChunks(true);
    return true;
  }

  async #readAny(fd: number, file: number, seen: Uint8Array): Promise<ReadOutcome | undefined> {
    this.#statOf(fd);
    const { size, blocks, type } = this.#stat;
    if (type !== S_IFREG) return { file, unreadable: "it is no regular file any more" };
    copyStamp(this.#stat.bytes, this.#stamp, 0);
    const moved = isStamp(this.#stat.bytes, seen) ? undefined : this.#stat.bytes.slice(0, STAT_BYTES);
    const xattrs = readFileXattrs(fd);
    const holes = blocks * 512 < size ? keepHoles(findHoles(fd, size)) : [];
    const whole = await this.#readExtents(fd, dataExtents(holes, size));
    this.#statOf(fd);
    const changed = !whole || !isStamp(this.#stat.bytes, this.#stamp);
    if (!changed && moved === undefined && xattrs === undefined && holes.length === 0) return undefined;
    return {
      file,
      stat: moved,
      holes: holes.length === 0 ? undefined : holes,
      xattrs,
      changed: changed ? true : undefined,
    };
  }

  #statOf(fd: number): void {
    if (!this.#stat.of(fd)) throw new Error("Cannot stat an open file");
  }

  /** False where the file ended early. */
  async #readExtents(fd: number, extents: readonly Extent[]): Promise<boolean> {
    try {
      for (const extent of extents) await this.#readExtent(fd, extent);
      return true;
    } catch (error) {
      if (!(error instanceof ShrunkError)) throw error;
      this.#filled = this.#cut;
      return false;
    }
  }

  async #readExtent(fd: number, { offset, length }: Extent): Promise<void> {
    const buffer = this.#buffer;
    for (let left = length; left > 0;) {
      if (buffer.length - this.#filled < Math.min(left, this.#sizes.max)) await this.#flush();
      const want = Math.min(left, buffer.length - this.#filled);
      const got = readAt(fd, buffer.subarray(this.#filled, this.#filled + want), offset + length - left);
      if (got < want) throw new ShrunkError();
      this.#filled += got;
      left -= got;
      this.#cutChunks(left === 0);
    }
  }

  #cutChunks(isEnd: boolean): void {
    while (isEnd ? this.#cut < this.#filled : this.#filled - this.#cut >= this.#sizes.max) {
      const end = this.#cutter.cut(this.#buffer, this.#cut, this.#filled);
      this.#chunks.push(this.#buffer.subarray(this.#cut, end));
      this.#groups[this.#groups.length - 2]++;
      this.#cut = end;
    }
  }

  #beginGroup(file: number, isRestart: boolean): void {
    this.#groups.push(file, 0, isRestart ? 1 : 0);
  }

  /** Submits the chunks cut so far and moves what is not cut yet to the front of the buffer. */
  async #flush(): Promise<void> {
    const file = this.#groups[this.#groups.length - 3];
    await this.#submit(this.#claim(), this.#chunks);
    this.#chunks = [];
    this.#groups = [];
    this.#beginGroup(file, false);
    this.#buffer.copyWithin(0, this.#cut, this.#filled);
    this.#filled -= this.#cut;
    this.#cut = 0;
  }

  #claim(): Claim {
    const ids = new Uint8Array(this.#chunks.length * ID_BYTES);
    const lengths = new Uint32Array(this.#chunks.length);
    this.#chunks.forEach((chunk, i) => {
      sha256Into(chunk, ids, i * ID_BYTES);
      lengths[i] = chunk.length;
    });
    return { batch: this.#batch, groups: Uint32Array.from(this.#groups), ids, lengths };
  }
}
